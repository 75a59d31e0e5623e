package report

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

//go:embed page/*.html page/style.css
var pageFiles embed.FS

// HTML writes one self-contained page: no script, no request to anywhere, light and dark. It needs Problem, Result and
// Evaluation.
func HTML(w io.Writer, d *Document) error {
	if d.Problem == nil || d.Problem.Continuum == nil || d.Result == nil || d.Evaluation == nil {
		return errors.New("report: a page needs problem, result and evaluation")
	}
	chart, err := newMap(d)
	if err != nil {
		return err
	}
	view := &page{Document: d, Title: d.Title, Map: chart, Applications: applications(d), Costs: costs(d)}
	if view.Title == "" {
		view.Title = d.Problem.Continuum.Name()
	}
	view.Cards = cards(d)
	if d.Exit != nil {
		view.Gantt = newGantt(d.Exit.Plan, "Plan")
		view.BackGantt = newGantt(d.Exit.Back, "Way back")
	}
	return view.write(w, "page.html")
}

// ExitHTML writes the plan of leaving a provider as one self-contained page, with the timelines of both ways.
func ExitHTML(w io.Writer, p *placement.Problem, x *migrate.ExitReport) error {
	if p == nil || p.Continuum == nil || x == nil || x.Target == nil || x.Plan == nil || x.Back == nil {
		return errors.New("report: a page of an exit needs problem and exit")
	}
	view := &page{Document: &Document{Problem: p, Result: x.Target, Exit: x}, Title: "Exit from " + string(x.Provider)}
	view.Gantt, view.BackGantt = newGantt(x.Plan, "Plan"), newGantt(x.Back, "Way back")
	return view.write(w, "exit-page")
}

// write renders a template of the page with its style.
func (v *page) write(w io.Writer, name string) error {
	style, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		return err
	}
	v.Style = template.CSS(style)
	t, err := template.New("page.html").Funcs(functions(v.Document)).ParseFS(pageFiles, "page/*.html")
	if err != nil {
		return err
	}
	buf := bufio.NewWriter(w)
	if err := t.ExecuteTemplate(buf, name, v); err != nil {
		return err
	}
	return buf.Flush()
}

// page is what the template sees.
type page struct {
	*Document
	Title            string
	Style            template.CSS
	Cards            []card
	Map              *mapChart
	Applications     []applicationView
	Costs            []costChart
	Gantt, BackGantt *gantt
}

// card is one figure of the headline.
type card struct{ Value, Label, Note string }

func cards(d *Document) []card {
	var price, traffic topology.MicroEUR
	var emissions int64
	providers, countries := map[topology.ProviderID]bool{}, map[topology.Jurisdiction]bool{}
	for _, l := range d.Evaluation.Lines {
		price, traffic, emissions = price+l.Price, traffic+l.Traffic, emissions+l.Emissions
		if s, ok := d.Problem.Continuum.Site(l.Site); ok {
			providers[s.Provider], countries[s.Country] = true, true
		}
	}
	placed, unplaced := len(d.Evaluation.Lines), len(d.Evaluation.Unplaced)
	out := []card{
		{fmt.Sprintf("%d / %d", placed, placed+unplaced), "workloads placed", string(d.Result.Status)},
		{euros(price, 2) + " EUR/h", "price of the sites", "traffic " + euros(traffic, 2) + " EUR/h"},
		{fmt.Sprintf("%d · %d", len(providers), len(countries)), "providers · countries in use", ""},
		{grams(emissions) + "/h", "CO2 equivalent", ""},
	}
	for _, t := range d.Result.Tiers {
		if t.Name == "cost" {
			out = append(out, card{percent(t.Gap), "proven gap of the cost tier", "value " + tierAmount(d.Problem.Objective, t.Name, t.Value)})
		}
	}
	return out
}

// applicationView is one application's rows of the placement table.
type applicationView struct {
	Name, Tenant string
	Lines        []lineView
	Missing      []placement.WorkloadID
}

type lineView struct {
	placement.Line
	On    *topology.Site
	Used  int    // per cent of the bound, at most 100; -1 without bound
	Class string // of its data
}

func applications(d *Document) []applicationView {
	lines := make(map[placement.WorkloadID]placement.Line, len(d.Evaluation.Lines))
	for _, l := range d.Evaluation.Lines {
		lines[l.Workload] = l
	}
	var out []applicationView
	for i := range d.Problem.Applications {
		app := &d.Problem.Applications[i]
		v := applicationView{Name: app.Name, Tenant: app.Tenant}
		for j := range app.Workloads {
			id := app.Workloads[j].ID
			l, ok := lines[id]
			s, known := d.Problem.Continuum.Site(l.Site)
			if !ok || !known {
				v.Missing = append(v.Missing, id)
				continue
			}
			v.Lines = append(v.Lines, lineView{Line: l, On: s, Used: used(l.Users), Class: string(app.Workloads[j].Data)})
		}
		out = append(out, v)
	}
	return out
}

// used is how much of its bound a latency takes, in per cent.
func used(u *placement.FlowLatency) int {
	if u == nil || u.Bound <= 0 || u.Latency < 0 {
		return -1
	}
	return int(min(100, 100*u.Latency/u.Bound))
}

// functions are what the template may call.
func functions(d *Document) template.FuncMap {
	return template.FuncMap{
		"eur":        func(m topology.MicroEUR) string { return euros(m, 4) },
		"eur2":       func(m topology.MicroEUR) string { return euros(m, 2) },
		"ms":         millis,
		"next":       func(i int) int { return i + 1 },
		"pct":        latency.Percentile.String,
		"gap":        percent,
		"amount":     func(tier string, v int64) string { return tierAmount(d.Problem.Objective, tier, v) },
		"deltas":     func(t []placement.TierDelta) string { return deltas(d.Problem.Objective, t) },
		"provenance": provenance,
		"counts":     counts,
		"headword":   headword,
		"bytes":      bytesize,
		"rate":       bitrate,
		"span":       duration,
		"signed":     func(m topology.MicroEUR) string { return signed(euros(m, 4)) },
		"resources":  resources,
		"countries":  crossed,
		"day":        func() string { return Day(d.Problem.AsOf) },
	}
}
