package latency

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

var rewrite = flag.Bool("rewrite", false, "write what the scenarios print into their files")

// A scenario file is prose, then commands that each end with a line ----, what they print, and an empty line. The
// commands are described in run.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			s := &scenario{t: t, spec: topology.Spec{AsOf: day}}
			got := s.play(string(text))
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				return
			}
			require.Equal(t, string(text), got)
		})
	}
}

type scenario struct {
	t     *testing.T
	spec  topology.Spec
	opts  Options
	graph *Graph
}

// play returns the text with what the commands print now.
func (s *scenario) play(text string) string {
	var out, command strings.Builder
	skip := false // the old output
	for _, line := range strings.SplitAfter(text, "\n") {
		switch bare := strings.TrimSpace(line); {
		case skip:
			skip = bare != ""
			if !skip {
				out.WriteString("\n")
			}
		case bare == "----":
			out.WriteString(line)
			out.WriteString(s.run(strings.Split(strings.TrimSpace(command.String()), "\n")))
			skip = true
			command.Reset()
		default:
			if bare == "" {
				command.Reset() // what stood above was prose
			}
			command.WriteString(line)
			out.WriteString(line)
		}
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// run runs one command: a line for each node, link, observation or limit of a network, or one question.
//
//	node ID COUNTRY
//	link A B P50,P95,P99 [operator=X] [across=DE,FR] [age=DURATION] [bandwidth=1Gbit/s]
//	observe A B P50,P95,P99 [age=DURATION]
//	maxage DURATION
//	route A B PERCENTILE [within=DE,FR] [by=X,Y]
//	routes A B PERCENTILE [within=DE,FR] [by=X,Y] [k=3] [bandwidth=1Gbit/s]
//	detour A B PERCENTILE [within=DE,FR] [by=X,Y]
func (s *scenario) run(lines []string) string {
	for _, line := range lines {
		words := strings.Fields(line)
		options := map[string]string{}
		for len(words) > 0 && strings.Contains(words[len(words)-1], "=") {
			key, value, _ := strings.Cut(words[len(words)-1], "=")
			options[key] = value
			words = words[:len(words)-1]
		}
		switch words[0] {
		case "node":
			s.spec.Exchanges = append(s.spec.Exchanges, topology.Exchange{ID: topology.NodeID(words[1]), Country: topology.Jurisdiction(words[2])})
		case "link":
			l := link(words[1], words[2], s.rtt(words[3]), options["operator"], jurisdictions(options["across"])...)
			l.MeasuredAt = s.at(options["age"])
			if text, ok := options["bandwidth"]; ok {
				var err error
				l.Bandwidth, err = quantity.Parse(text, quantity.BitsPerSecond)
				require.NoError(s.t, err)
			}
			s.spec.Links = append(s.spec.Links, l)
		case "observe":
			s.opts.Observations = append(s.opts.Observations, Observation{
				A: topology.NodeID(words[1]), B: topology.NodeID(words[2]), RTT: s.rtt(words[3]), At: s.at(options["age"]),
			})
		case "maxage":
			age, err := time.ParseDuration(words[1])
			require.NoError(s.t, err)
			s.opts.MaxAge = age
		case "route", "routes", "detour":
			ask := map[string]func(from, to topology.NodeID, p string, options map[string]string) string{
				"route": s.route, "routes": s.routes, "detour": s.detour,
			}
			return ask[words[0]](topology.NodeID(words[1]), topology.NodeID(words[2]), words[3], options)
		default:
			require.Fail(s.t, "no such command", line)
		}
		s.graph = nil
	}
	s.graph = build(s.t, s.spec, &s.opts)
	return fmt.Sprintf("%d nodes, %d of %d links usable\n", len(s.graph.ids), len(s.graph.lines), len(s.spec.Links))
}

// route prints the way whose latency counts, hop by hop with what each takes of the percentile.
func (s *scenario) route(from, to topology.NodeID, percentile string, options map[string]string) string {
	p, transit := s.asked(percentile, options)
	row := s.graph.Row(from, transit)
	latency, ok := row.Latency(to, p)
	if !ok {
		return "unknown\n"
	}
	leg, _ := row.Leg(to)
	if leg.Observed {
		return fmt.Sprintf("%v at %v, observed\n", latency, p)
	}
	route, _ := row.Route(to, p)
	var out strings.Builder
	fmt.Fprintf(&out, "%v at %v, mean %v, through %v\n", latency, p, route.Mean, route.Jurisdictions)
	for i, part := range s.graph.Budget(route, p) {
		h := route.Hops[i]
		fmt.Fprintf(&out, "  %-24s %10v  %4.1f %%  %s\n", h.Link, part, 100*float64(part)/float64(latency), h.Operator)
	}
	if least, _ := s.graph.Route(from, to, transit); least.Mean != route.Mean {
		fmt.Fprintf(&out, "  instead of mean %v with %v at %v\n", least.Mean, s.graph.Percentile(least, p), p)
	}
	return out.String()
}

// asked reads what questions have in common.
func (s *scenario) asked(percentile string, options map[string]string) (Percentile, Transit) {
	p, err := ParsePercentile(percentile)
	require.NoError(s.t, err)
	var transit Transit
	if within, ok := options["within"]; ok {
		permit := Permit{Jurisdictions: jurisdictions(within), AnyOperator: true}
		if by, ok := options["by"]; ok {
			permit.Operators, permit.AnyOperator = strings.Split(by, ","), false
		}
		transit = NewTransit(permit)
	}
	return p, transit
}

// routes prints alternatives, the widest of them and two that share no link.
func (s *scenario) routes(from, to topology.NodeID, percentile string, options map[string]string) string {
	p, transit := s.asked(percentile, options)
	k := 3
	if text, ok := options["k"]; ok {
		_, err := fmt.Sscan(text, &k)
		require.NoError(s.t, err)
	}
	var opts RouteOptions
	if text, ok := options["bandwidth"]; ok {
		var err error
		opts.Bandwidth, err = quantity.Parse(text, quantity.BitsPerSecond)
		require.NoError(s.t, err)
	}
	var out strings.Builder
	line := func(what string, r Route) {
		fmt.Fprintf(&out, "%-8s mean %v, %v %v, %.0f Gbit/s:", what, r.Mean, p, s.graph.Percentile(r, p), float64(r.Bandwidth)/1e9)
		for _, h := range r.Hops {
			fmt.Fprintf(&out, " %s", h.Link)
		}
		fmt.Fprintln(&out)
	}
	for i, r := range s.graph.Routes(from, to, transit, k, &opts) {
		line(fmt.Sprint(i+1), r)
	}
	if r, ok := s.graph.Widest(from, to, transit); ok {
		line("widest", r)
	}
	if pair, ok := s.graph.Disjoint(from, to, transit); ok {
		line("pair", pair[0])
		line("", pair[1])
	}
	if out.Len() == 0 {
		return "none\n"
	}
	return out.String()
}

// detour prints what a restriction costs and what of the direct way it refuses.
func (s *scenario) detour(from, to topology.NodeID, percentile string, options map[string]string) string {
	p, transit := s.asked(percentile, options)
	d, ok := s.graph.Detour(from, to, transit)
	if !ok {
		return "no way\n"
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%v at %v direct, ", s.graph.Percentile(d.Direct, p), p)
	if d.Permitted == nil {
		fmt.Fprintln(&out, "no way is permitted")
	} else {
		fmt.Fprintf(&out, "%v permitted, %v more on average\n", s.graph.Percentile(*d.Permitted, p), d.Extra())
	}
	for _, x := range d.Crossings {
		fmt.Fprintf(&out, "  %s is refused:", x.Hop.Link)
		for _, j := range x.Jurisdictions {
			fmt.Fprintf(&out, " country %q", j)
		}
		if x.Operator {
			fmt.Fprintf(&out, " operator %q", x.Hop.Operator)
		}
		fmt.Fprintln(&out)
	}
	return out.String()
}

func (s *scenario) rtt(text string) topology.RTT {
	var us [3]topology.Micros
	for i, part := range strings.Split(text, ",") {
		v, err := quantity.Parse(part, quantity.Duration)
		require.NoError(s.t, err)
		us[i] = topology.Micros(v)
	}
	return topology.RTT{P50: us[0], P95: us[1], P99: us[2]}
}

func (s *scenario) at(age string) time.Time {
	if age == "" {
		return time.Time{}
	}
	d, err := time.ParseDuration(age)
	require.NoError(s.t, err)
	return day.Add(-d)
}

func jurisdictions(text string) (out []topology.Jurisdiction) {
	for _, j := range strings.Split(text, ",") {
		if j != "" {
			out = append(out, topology.Jurisdiction(j))
		}
	}
	return out
}
