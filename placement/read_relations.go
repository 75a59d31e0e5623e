package placement

import (
	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

func readFlow(o *document.Object) Flow {
	o.Known("fromAccess", "from", "to", "rate", "bound", "percentile", "data")
	o.Required("to")
	f := Flow{
		FromAccess:    topology.AccessPointID(name(o, "fromAccess")),
		FromComponent: name(o, "from"),
		To:            name(o, "to"),
		Rate:          o.Quantity("rate", quantity.BitsPerSecond),
		Bound:         topology.Micros(o.Quantity("bound", quantity.Duration)),
		Data:          DataClass(name(o, "data")),
	}
	f.Percentile = readPercentile(o)
	if o.Has("bound") && f.Bound == 0 {
		o.DefectAt("bound", "must be above 0; without it there is no bound")
	}
	return f
}

// readConstraint reads a mapping with one key, the kind of the constraint; nil where it has none or several.
func readConstraint(o *document.Object) Constraint {
	o.Known("spread", "conflict", "affinity", "gang", "path")
	var found []Constraint
	if o.Has("spread") {
		x := o.Object("spread")
		x.Known("components", "over", "atLeast")
		x.Required("components", "over", "atLeast")
		found = append(found, Spread{x.Strings("components"), Domain(x.String("over")), count(x, "atLeast")})
	}
	if o.Has("conflict") {
		x := o.Object("conflict")
		x.Known("components", "over", "atMost")
		x.Required("components", "over", "atMost")
		found = append(found, Conflict{x.Strings("components"), Domain(x.String("over")), count(x, "atMost")})
	}
	if o.Has("affinity") {
		x := o.Object("affinity")
		x.Known("components", "with", "over")
		x.Required("components", "over")
		found = append(found, Affinity{x.Strings("components"), x.Strings("with"), Domain(x.String("over"))})
	}
	if o.Has("gang") {
		x := o.Object("gang")
		x.Known("components")
		x.Required("components")
		found = append(found, Gang{x.Strings("components")})
	}
	if o.Has("path") {
		found = append(found, readPath(o.Object("path")))
	}
	if len(found) != 1 {
		o.Defect("", "must be one of spread, conflict, affinity, gang and path")
		return nil
	}
	return found[0]
}

func readPath(o *document.Object) Path {
	o.Known("name", "fromAccess", "components", "bound", "percentile")
	o.Required("components", "bound")
	return Path{
		Name:       name(o, "name"),
		FromAccess: topology.AccessPointID(name(o, "fromAccess")),
		Components: o.Strings("components"),
		Bound:      topology.Micros(o.Quantity("bound", quantity.Duration)),
		Percentile: readPercentile(o),
	}
}

// readPercentile reads a percentile, 0 where there is none.
func readPercentile(o *document.Object) latency.Percentile {
	text := o.String("percentile")
	if text == "" {
		return 0
	}
	p, err := latency.ParsePercentile(text)
	if err != nil {
		o.Defect("percentile", "%q is not of the form p50, p95 or p99.9", text)
	}
	return p
}

// count reads a number of things, of which there cannot be more than workloads in a file.
func count(o *document.Object, key string) int {
	n := o.Int(key)
	if n > mostWorkloads {
		o.Defect(key, "%d is over the limit of %d workloads in a file", n, mostWorkloads)
		return mostWorkloads
	}
	return int(max(n, -1))
}
