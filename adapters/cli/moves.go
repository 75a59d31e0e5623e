package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// moveFlags are those of the verbs that plan moves.
type moveFlags struct {
	options, html, by string
	hours, margin     int64
}

func planFlags(e *env, f *flag.FlagSet) {
	optionsFlag(e, f)
	f.StringVar(&e.moves.html, "html", "", "write the timeline as one self-contained page to this `file`, too")
}

func optionsFlag(e *env, f *flag.FlagSet) {
	f.StringVar(&e.moves.options, "moves", "", "`file` of kind MigrationOptions: windows, blackouts, deadlines, disruption budgets, precedence, caps")
}

// moveOptions reads what -moves names; nil where it names nothing.
func (e *env) moveOptions() (*migrate.Options, error) {
	if e.moves.options == "" {
		return nil, nil
	}
	var o *migrate.Options
	err := e.in.read(e.moves.options, "", func(name string, r io.Reader) (err error) {
		o, err = migrate.ReadOptions(name, r)
		return err
	})
	return o, badInput(err)
}

// named puts the file before what is wrong in it only because of what it speaks of: sites, workloads and the like.
func (m *moveFlags) named(err error) error {
	if m.options == "" {
		return err
	}
	text := err.Error()
	for _, list := range []string{"calendars[", "deadlines[", "disruptions[", "before[", "ready"} {
		text = strings.ReplaceAll(text, fmt.Sprintf("%v: options: %s", migrate.ErrInvalid, list), m.options+": "+list)
	}
	return errors.New(text)
}

// showPlan writes the page of a plan where -html asks for it. What could not be judged is bad input, and nothing is shown.
func (e *env) showPlan(p *placement.Problem, title string, plan, back *migrate.Plan) error {
	if err := unjudged(p); err != nil {
		return badInput(err)
	}
	if e.moves.html == "" {
		return nil
	}
	var text bytes.Buffer
	if err := report.PlanHTML(&text, p, title, plan, back); err != nil {
		return err
	}
	return e.writeFile("timeline", text.Bytes(), e.moves.html)
}

func drainFlags(e *env, f *flag.FlagSet) {
	planFlags(e, f)
	f.StringVar(&e.moves.by, "by", "", "`date` by which it has to be empty, YYYY-MM-DD or RFC 3339")
}

func rebalanceFlags(e *env, f *flag.FlagSet) {
	planFlags(e, f)
	f.Int64Var(&e.moves.hours, "hours", 0, "`hours` in which a move must earn its price (default 720, a month)")
	f.Int64Var(&e.moves.margin, "margin", 0, "what a move must save besides, in `thousandths` of what its workload costs (default 50; negative: none)")
}

// current returns the problem as it runs now, which -current has to say.
func (e *env) current() (*loaded, *placement.Problem, error) {
	l, err := e.in.load()
	if err != nil {
		return nil, nil, err
	}
	if l.current == nil {
		return nil, nil, badInput(errors.New("name a file that says where things run with -current"))
	}
	p, err := l.problem()
	return l, p, err
}

func runPlan(ctx context.Context, e *env, args []string) error {
	file, err := one(args, "a file with the target")
	if err != nil {
		return err
	}
	l, p, err := e.current()
	if err != nil {
		return err
	}
	from := l.current
	to, err := readAssignment(file)
	if err == nil {
		err = (&loaded{applications: l.applications, continuum: l.continuum, current: to}).checkCurrent(file)
	}
	if err != nil {
		return badInput(err)
	}
	opts, err := e.moveOptions()
	if err != nil {
		return err
	}
	plan, err := migrate.Order(ctx, p, from, to, opts)
	if err != nil {
		return e.asInput(err)
	}
	if err := judged(ctx, p, from, to, plan, opts); err != nil {
		return err
	}
	if err := e.showPlan(p, "Plan", plan, nil); err != nil {
		return err
	}
	if e.in.json {
		o := newOutput(e, p)
		o.Plan = plan
		return writeJSON(e.stdout, o)
	}
	return report.Plan(e.stdout, p, plan)
}

func runDrain(ctx context.Context, e *env, args []string) error {
	scope, err := e.scope(args)
	if err != nil {
		return err
	}
	_, p, err := e.current()
	if err != nil {
		return err
	}
	opts, err := e.moveOptions()
	if err != nil {
		return err
	}
	d, err := migrate.Drain(ctx, p, scope, e.options(), opts)
	if err != nil {
		return e.asInput(err)
	}
	to := maps.Clone(d.From)
	for w := range to {
		if s, placed := d.Target.Assignment[w]; placed {
			to[w] = s
		}
	}
	if err := judged(ctx, p, d.From, to, d.Plan, d.Options); err != nil {
		return err
	}
	if err := judged(ctx, p, arrived(d.From, d.Plan), d.From, d.Back, d.Options.Back()); err != nil {
		return err
	}
	if err := e.showPlan(p, "Drain", d.Plan, d.Back); err != nil {
		return err
	}
	if e.in.json {
		o := newOutput(e, p)
		o.Drain = d
		return writeJSON(e.stdout, o)
	}
	return report.Drain(e.stdout, p, d)
}

// scope reads what to empty, and by when.
func (e *env) scope(args []string) (migrate.Scope, error) {
	var s migrate.Scope
	if len(args) == 0 {
		return s, badInput(errors.New("say what to empty: site=ID, provider=ID or country=CC"))
	}
	for _, arg := range args {
		kind, name, _ := strings.Cut(arg, "=")
		switch {
		case name == "":
			return s, badInput(fmt.Errorf("%q is none of site=ID, provider=ID and country=CC", arg))
		case kind == "site":
			s.Sites = append(s.Sites, topology.SiteID(name))
		case kind == "provider":
			s.Providers = append(s.Providers, topology.ProviderID(name))
		case kind == "country":
			s.Countries = append(s.Countries, topology.Jurisdiction(name))
		default:
			return s, badInput(fmt.Errorf("%q is none of site=ID, provider=ID and country=CC", arg))
		}
	}
	if e.moves.by == "" {
		return s, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, e.moves.by); err == nil {
			s.By = t
			return s, nil
		}
	}
	return s, badInput(fmt.Errorf("-by %q is neither YYYY-MM-DD nor RFC 3339", e.moves.by))
}

func runRebalance(ctx context.Context, e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	_, p, err := e.current()
	if err != nil {
		return err
	}
	opts, err := e.moveOptions()
	if err != nil {
		return err
	}
	r, err := migrate.Rebalance(ctx, p, &migrate.RebalanceOptions{Hours: e.moves.hours, Margin: e.moves.margin}, e.options(), opts)
	if err != nil {
		return e.asInput(err)
	}
	if err := judged(ctx, p, r.From, r.To, r.Plan, opts); err != nil {
		return err
	}
	if err := e.showPlan(p, "Rebalance", r.Plan, nil); err != nil {
		return err
	}
	if e.in.json {
		o := newOutput(e, p)
		o.Rebalance = r
		return writeJSON(e.stdout, o)
	}
	return report.Rebalance(e.stdout, p, r)
}

// judged replays a plan with the options that it was made with.
func judged(ctx context.Context, p *placement.Problem, from, to placement.Assignment, plan *migrate.Plan, opts *migrate.Options) error {
	faults, err := migrate.Replay(ctx, p, from, to, plan, opts)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return fmt.Errorf("the plan failed its replay, please report this: %s", faults[0].Message)
	}
	return nil
}

// arrived is where a plan leads from an assignment.
func arrived(from placement.Assignment, plan *migrate.Plan) placement.Assignment {
	to := maps.Clone(from)
	for _, m := range plan.Moves { // in order of start
		to[m.Workload] = m.To
	}
	return to
}
