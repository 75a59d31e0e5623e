package placement

// Limits of a path: a request through more components than that is none, and each choice of replicas costs time
// whenever one of them is looked at elsewhere.
const (
	mostHops    = 10
	mostChoices = 10_000
)

// judgePath notes what is wrong with a path.
func judgePath(p *Path, i int, app *Application, components map[string]int, note noteFunc) {
	at := func(field string) spot { return spot{"constraints", i, "path" + field} }
	judgeGroup(p.Components, at(".components"), components, note)
	hops := len(p.Components)
	if p.FromAccess == "" {
		hops--
	}
	switch {
	case hops < 2 && len(p.Components) > 0:
		note(at(".components"), "a path is two flows or more; one flow has a bound of its own")
	case hops > mostHops:
		note(at(".components"), "%d flows, at most %d are a path", hops, mostHops)
	}
	choices := 1
	for _, name := range p.Components {
		if choices *= max(1, components[name]); choices > mostChoices {
			note(at(".components"), "more than %d choices of replicas", mostChoices)
			break
		}
	}
	if p.Bound <= 0 {
		note(at(".bound"), "%d is not above 0", p.Bound)
	}
	if p.Percentile < 0 || p.Percentile > 999 {
		note(at(".percentile"), "%d is none: percentiles are thousandths from 1 to 999, or 0 for the 95th", p.Percentile)
	}
	for k := range app.Constraints[:i] {
		if other, ok := app.Constraints[k].(Path); ok && other.label() == p.label() {
			note(at(".name"), "%s is also the name of constraints[%d]", p.label(), k)
			break
		}
	}
	before := Flow{FromAccess: p.FromAccess}
	for _, name := range p.Components {
		before.To = name
		if components[name] > 0 && (before.FromAccess != "" || components[before.FromComponent] > 0) {
			judgeHop(app, before, at, note)
		}
		before = Flow{FromComponent: name}
	}
}

// judgeHop notes where no flow goes from one end of a hop to the other, or flows whose data may go different ways.
func judgeHop(app *Application, hop Flow, at func(field string) spot, note noteFunc) {
	var first *Flow
	for k := range app.Flows {
		f := &app.Flows[k]
		switch {
		case f.FromAccess != hop.FromAccess || f.FromComponent != hop.FromComponent || f.To != hop.To:
		case first == nil:
			first = f
		case f.Data != first.Data:
			note(at(".components"), "there are flows of data %q and of %q from %s to %s: it is not clear which one is meant",
				string(first.Data), string(f.Data), string(hop.FromAccess)+hop.FromComponent, hop.To)
			return
		}
	}
	if first == nil {
		note(at(".components"), "there is no flow from %s to %s", string(hop.FromAccess)+hop.FromComponent, hop.To)
	}
}
