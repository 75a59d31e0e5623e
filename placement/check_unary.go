package placement

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// refusals returns what refuses a workload to a site whatever the others do, but for its flows: admission, rules, state,
// runtime and selector.
func (c *checker) refusals(it *checkItem, s *topology.Site) ([]Violation, error) {
	found := c.plainRefusals(it, s)
	ruling, err := c.ruling(it, s)
	if err != nil {
		return nil, err
	}
	for _, why := range ruling.refusals {
		found = append(found, refusal(it, s, ByRule, why))
	}
	verdict, err := c.verdict(it, s)
	if err != nil || !verdict.Denied {
		return found, err
	}
	v := refusal(it, s, ByAdmission, "denied by policy")
	if !c.brief {
		if v.Reasons, err = c.reasons(it, s); err != nil {
			return nil, err
		}
		v.Message = deniedText(v.Reasons)
	}
	return append(found, v), nil
}

// plainRefusals returns the refusals that follow from the facts of the site alone.
func (c *checker) plainRefusals(it *checkItem, s *topology.Site) []Violation {
	var found []Violation
	switch {
	case s.State == topology.Down:
		found = append(found, refusal(it, s, ByState, "the site is down"))
	case s.State == topology.Cordoned && (it.current == nil || it.current.ID != s.ID):
		found = append(found, refusal(it, s, ByState, "the site is cordoned and takes nothing new"))
	}
	if want := hosts[it.w.Kind]; !slices.Contains(s.Runtimes, want) {
		message := fmt.Sprintf("a %s needs a %s site, this one runs %s", it.w.Kind, want, runtimesText(s.Runtimes))
		found = append(found, refusal(it, s, ByRuntime, message))
	}
	if it.w.Site != "" && it.w.Site != s.ID {
		found = append(found, refusal(it, s, BySelector, fmt.Sprintf("pinned to %s", it.w.Site)))
	}
	if len(it.w.Tiers) > 0 && !slices.Contains(it.w.Tiers, s.Tier) {
		message := fmt.Sprintf("the site's tier is %s, wanted is %s", s.Tier, tiersText(it.w.Tiers))
		found = append(found, refusal(it, s, BySelector, message))
	}
	for _, key := range slices.Sorted(maps.Keys(it.w.Labels)) {
		want := it.w.Labels[key]
		switch have, ok := s.Labels[key]; {
		case !ok:
			found = append(found, refusal(it, s, BySelector, fmt.Sprintf("the site has no label %s, wanted is %s", key, want)))
		case have != want:
			found = append(found, refusal(it, s, BySelector, fmt.Sprintf("the site's label %s is %s, wanted is %s", key, have, want)))
		}
	}
	return found
}

// refusal makes a violation of one workload on one site.
func refusal(it *checkItem, s *topology.Site, kind ConstraintKind, message string) Violation {
	return Violation{Kind: kind, Workloads: []WorkloadID{it.w.ID}, Site: s.ID, Message: message}
}

// deniedText says which rules deny a pair: one with what it says, of several the codes. The reasons have the rest.
func deniedText(reasons []Reason) string {
	var codes []string
	for _, r := range reasons {
		if r.Code != "" && !slices.Contains(codes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	switch {
	case len(codes) == 0:
		return "denied by policy, which gives no code"
	case len(reasons) > 1:
		return "denied by " + andText(codes)
	case reasons[0].Message != "":
		return fmt.Sprintf("denied by %s: %s", codes[0], reasons[0].Message)
	case reasons[0].Title != "":
		return fmt.Sprintf("denied by %s: %s", codes[0], reasons[0].Title)
	}
	return "denied by " + codes[0]
}

func runtimesText(runtimes []topology.Runtime) string {
	if len(runtimes) == 0 {
		return "nothing"
	}
	names := make([]string, len(runtimes))
	for i, r := range runtimes {
		names[i] = string(r)
	}
	return andText(names)
}

func tiersText(tiers []topology.Tier) string {
	names := make([]string, len(tiers))
	for i, t := range tiers {
		names[i] = t.String()
	}
	return strings.Join(names, " or ")
}

// hosts is the runtime that each kind of workload needs.
var hosts = map[Kind]topology.Runtime{
	VM:        topology.VM,
	Cluster:   topology.VM,
	Container: topology.Kubernetes,
	Machine:   topology.BareMetal,
}
