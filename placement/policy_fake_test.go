package placement_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// tablePolicy is Admission and Transit by tables: rows match by equality of a few facts.
type tablePolicy struct {
	denials []denial
	points  []points
	permits map[placement.DataClass]latency.Permit
	forbids []forbid
}

type denial struct {
	match  map[string]string
	reason placement.Reason
}

type points struct {
	match map[string]string
	n     int64
}

type forbid struct {
	class        placement.DataClass
	jurisdiction topology.Jurisdiction
	operator     string
	reason       placement.Reason
}

func (p *tablePolicy) Admit(_ context.Context, in placement.Scope, w *placement.Workload, sites []*topology.Site) ([]placement.Verdict, error) {
	verdicts := make([]placement.Verdict, len(sites))
	for i, s := range sites {
		for _, d := range p.denials {
			verdicts[i].Denied = verdicts[i].Denied || matches(d.match, w, s)
		}
		for _, row := range p.points {
			if matches(row.match, w, s) {
				verdicts[i].Points += row.n
			}
		}
	}
	return verdicts, nil
}

func (p *tablePolicy) Reasons(_ context.Context, in placement.Scope, w *placement.Workload, s *topology.Site) ([]placement.Reason, error) {
	var reasons []placement.Reason
	for _, d := range p.denials {
		if matches(d.match, w, s) {
			reasons = append(reasons, d.reason)
		}
	}
	return reasons, nil
}

func (p *tablePolicy) Transit(_ context.Context, in placement.Scope, class placement.DataClass) (latency.Transit, error) {
	if permit, ok := p.permits[class]; ok {
		return latency.NewTransit(permit), nil
	}
	return latency.Transit{}, nil
}

func (p *tablePolicy) TransitReasons(_ context.Context, in placement.Scope, class placement.DataClass, j topology.Jurisdiction, operator string) ([]placement.Reason, error) {
	var reasons []placement.Reason
	for _, f := range p.forbids {
		if f.class == class && f.jurisdiction == j && f.operator == operator {
			reasons = append(reasons, f.reason)
		}
	}
	return reasons, nil
}

func matches(match map[string]string, w *placement.Workload, s *topology.Site) bool {
	facts := map[string]string{
		"app": w.Application, "component": w.Component, "data": string(w.Data), "tenant": w.Tenant,
		"site": string(s.ID), "country": string(s.Country), "provider": string(s.Provider),
	}
	for key, value := range match {
		if facts[key] != value {
			return false
		}
	}
	return true
}

// parsePolicy reads the policy block of a scenario:
//
//	deny KEY=VALUE... : CODE TITLE
//	points N KEY=VALUE...
//	permit CLASS COUNTRY,... OPERATOR,... or *
//	forbid CLASS country=CH (or operator=NAME) : CODE TITLE
func parsePolicy(text string) (*tablePolicy, error) {
	p := &tablePolicy{permits: make(map[placement.DataClass]latency.Permit)}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		head, title, _ := strings.Cut(line, " : ")
		words := strings.Fields(head)
		if len(words) == 0 {
			continue
		}
		code, title, _ := strings.Cut(title, " ")
		reason := placement.Reason{Code: code, Title: title, Location: fmt.Sprintf("table:%d", i+1)}
		switch words[0] {
		case "deny":
			p.denials = append(p.denials, denial{pairs(words[1:]), reason})
		case "points":
			n, err := strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				return nil, err
			}
			p.points = append(p.points, points{pairs(words[2:]), n})
		case "permit":
			permit := latency.Permit{AnyOperator: words[3] == "*", Operators: strings.Split(words[3], ",")}
			for _, j := range strings.Split(words[2], ",") {
				permit.Jurisdictions = append(permit.Jurisdictions, topology.Jurisdiction(j))
			}
			p.permits[placement.DataClass(words[1])] = permit
		case "forbid":
			what := pairs(words[2:])
			p.forbids = append(p.forbids, forbid{
				placement.DataClass(words[1]), topology.Jurisdiction(what["country"]), what["operator"], reason,
			})
		default:
			return nil, fmt.Errorf("policy line %d: %q", i+1, line)
		}
	}
	return p, nil
}

func pairs(words []string) map[string]string {
	m := make(map[string]string)
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		m[key] = value
	}
	return m
}

// priceRule is a Rule: sites whose ID starts with a prefix cost more, or are refused.
type priceRule struct {
	prefix string
	refuse string
	cost   topology.MicroEUR
}

func (r priceRule) Judge(_ *placement.Workload, s *topology.Site) (bool, string, topology.MicroEUR) {
	if !strings.HasPrefix(string(s.ID), r.prefix) {
		return true, "", 0
	}
	return r.refuse == "", r.refuse, r.cost
}
