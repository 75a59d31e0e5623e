package migrate

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

var rewrite = flag.Bool("rewrite", false, "write what comes out into the scenario files")

// TestScenarios runs testdata/*.txt. A file has a heading in prose (lines beginning with #), the problem, a line ---- and
// the plan that comes out, with the way back below it.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			input, want, _ := strings.Cut(string(text), "----\n")
			b := newBuild()
			for n, line := range strings.Split(input, "\n") {
				if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
					require.NoError(t, b.read(line), "%s:%d", file, n+1)
				}
			}
			got := b.print(t)
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(input+"----\n"+got), 0o644))
			}
			assert.Equal(t, want, got)
		})
	}
}

// print writes a plan and the way back.
func (b *build) print(t *testing.T) string {
	p, plan := b.plan(t)
	var out strings.Builder
	printPlan(&out, plan)
	back, err := Reverse(context.Background(), p, b.from, plan, b.opts)
	require.NoError(t, err)
	clean(t, p, after(b.from, plan), b.from, back, b.opts)
	out.WriteString("\nthe way back\n")
	printPlan(&out, back)
	return out.String()
}

func printPlan(out *strings.Builder, plan *Plan) {
	for _, v := range plan.Start {
		fmt.Fprintf(out, "before: %s: %s\n", v.Kind, v.Message)
	}
	for _, m := range plan.Moves {
		to := string(m.To)
		if m.Stage {
			to += " (stage)"
		}
		fmt.Fprintf(out, "%d: %s %s -> %s  %s  %s..%s", m.ID, m.Workload, m.From, to, m.Method, ms(m.Start), ms(m.End))
		if len(m.After) > 0 {
			fmt.Fprintf(out, "  after %v", m.After)
		}
		var links []string
		for _, h := range m.Route.Hops {
			links = append(links, string(h.Link))
		}
		fmt.Fprintf(out, "\n   %d bytes over %s %v at %d Mbit/s, down %s, EUR %s\n", m.Bytes, strings.Join(links, ", "),
			m.Route.Jurisdictions, m.Rate/1e6, ms(m.Downtime), micro(m.Transfer))
		if m.NoReturn != "" {
			fmt.Fprintf(out, "   no return: %s\n", m.NoReturn)
		}
	}
	for _, s := range plan.Stuck {
		fmt.Fprintf(out, "stuck: %s on %s: %s\n", s.Workload, s.From, s.Message)
		for _, v := range s.Reasons {
			for _, r := range v.Reasons {
				fmt.Fprintf(out, "   %s %s (%s)\n", r.Code, r.Title, r.Location)
			}
		}
	}
	if len(plan.Initial)+len(plan.Removed) > 0 {
		fmt.Fprintf(out, "not moves: initial %v, removed %v\n", plan.Initial, plan.Removed)
	}
	fmt.Fprintf(out, "makespan %s, at least %s: %s\n", ms(plan.Makespan), ms(plan.Bound), plan.Witness)
	fmt.Fprintf(out, "transfer EUR %s, double EUR %s, peak %v\n", micro(plan.Transfer), micro(plan.Double), map[topology.Dimension]int64(plan.PeakDouble))
	if plan.NoReturn >= 0 {
		fmt.Fprintf(out, "no return from move %d on\n", plan.NoReturn)
	}
}

func ms(t topology.Micros) string { return strconv.FormatFloat(float64(t)/1e6, 'f', -1, 64) + "s" }

func micro(m topology.MicroEUR) string { return strconv.FormatFloat(float64(m)/1e6, 'f', 6, 64) }

// read takes one line of a scenario: a verb, names, and key=value pairs.
func (b *build) read(line string) error {
	words := strings.Fields(line)
	args := make(map[string]string)
	var names []string
	for _, w := range words[1:] {
		if key, value, ok := strings.Cut(w, "="); ok {
			args[key] = value
		} else {
			names = append(names, w)
		}
	}
	var bad []error
	number := func(key string, unit quantity.Unit) int64 {
		if args[key] == "" {
			return 0
		}
		v, err := quantity.Parse(args[key], unit)
		if err != nil {
			bad = append(bad, err)
		}
		return v
	}
	amounts := func() topology.Resources {
		out := make(topology.Resources)
		for dim, unit := range map[topology.Dimension]quantity.Unit{"cpu": quantity.Cores, "memory": quantity.Bytes, "licence": quantity.Count} {
			if args[string(dim)] != "" {
				out[dim] = number(string(dim), unit)
			}
		}
		return out
	}
	switch words[0] {
	case "site":
		b.site(names[0], amounts(), func(s *topology.Site) { readSite(s, args, number("egress", quantity.Euro)) })
	case "star":
		b.star(number("bandwidth", quantity.BitsPerSecond))
	case "link":
		b.link(names[0], names[1], number("bandwidth", quantity.BitsPerSecond), func(l *topology.Link) {
			l.Egress = topology.MicroEUR(number("egress", quantity.Euro))
			if args["in"] != "" {
				l.Jurisdictions = nil
				for _, j := range strings.Split(args["in"], ",") {
					l.Jurisdictions = append(l.Jurisdictions, topology.Jurisdiction(j))
				}
			}
			if args["rtt"] != "" {
				rtt := topology.Micros(number("rtt", quantity.Duration))
				l.RTT = topology.RTT{P50: rtt, P95: rtt, P99: rtt}
			}
		})
	case "workload":
		b.workload(names[0], amounts(), args["at"], args["to"], func(w *placement.Workload) {
			readWorkload(w, args)
			w.Migration = placement.Migration{
				Memory: number("ram", quantity.Bytes), DirtyRate: number("dirty", quantity.BytesPerSecond),
				HotSet: number("hot", quantity.Bytes), HotPeriod: topology.Micros(number("period", quantity.Duration)),
				Disk: number("disk", quantity.Bytes), DiskWrite: number("write", quantity.BytesPerSecond),
				Downtime: topology.Micros(number("downtime", quantity.Duration)),
				Nodes:    number("nodes", quantity.Count),
			}
			if args["methods"] != "" {
				for _, m := range strings.Split(args["methods"], ",") {
					w.Migration.Methods = append(w.Migration.Methods, placement.Method(m))
				}
			}
		})
	case "conflict":
		b.constrain(names[0], placement.Conflict{Components: names[1:], Over: placement.Domain(args["over"]), AtMost: int(number("most", quantity.Count))})
	case "spread":
		b.constrain(names[0], placement.Spread{Components: names[1:], Over: placement.Domain(args["over"]), AtLeast: int(number("least", quantity.Count))})
	case "affinity":
		a := placement.Affinity{Components: names[1:], Over: placement.Domain(args["over"])}
		if args["with"] != "" {
			a.With = strings.Split(args["with"], ",")
		}
		b.constrain(names[0], a)
	case "deny":
		b.rules.deny(names[0], names[1])
	case "forbid":
		b.rules.forbid(names[0], names[1])
	case "options":
		b.opts = &Options{SiteMoves: int(number("moves", quantity.Count)), Setup: topology.Micros(number("setup", quantity.Duration))}
	default:
		return fmt.Errorf("unknown verb %q", words[0])
	}
	if len(bad) > 0 {
		return bad[0]
	}
	return nil
}

func readSite(s *topology.Site, args map[string]string, egress int64) {
	s.Egress = topology.MicroEUR(egress)
	if args["provider"] != "" {
		s.Provider = topology.ProviderID(args["provider"])
	}
	if args["country"] != "" {
		s.Country = topology.Jurisdiction(args["country"])
	}
	if args["rack"] != "" {
		s.Labels = map[string]string{"rack": args["rack"]}
	}
	s.State = topology.State(slices.Index([]string{"", "cordoned", "down"}, args["state"]))
}

func readWorkload(w *placement.Workload, args map[string]string) {
	if args["kind"] != "" {
		w.Kind = placement.Kind(args["kind"])
	}
	w.Data = placement.DataClass(args["data"])
	w.Site = topology.SiteID(args["pin"])
}
