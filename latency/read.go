package latency

import (
	_ "embed"
	"io"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

//go:embed observations.schema.json
var observationsSchema []byte

// ObservationsSchema returns the JSON Schema (draft 2020-12) of observation files.
func ObservationsSchema() []byte { return append([]byte(nil), observationsSchema...) }

// ReadObservations reads a YAML or JSON document of kind Observations; file is only the name used in errors. Whether the
// nodes exist is for [New] to say. The error names every defect as FILE:LINE: path: message; each wraps [ErrInvalid].
func ReadObservations(file string, r io.Reader) ([]Observation, error) {
	o, err := document.Parse(file, "Observations", r, ErrInvalid)
	if err != nil {
		return nil, err
	}
	o.Known("observations")
	if !o.Has("observations") {
		o.Required("observations") // an empty list is fine
	}
	var list []Observation
	for _, entry := range o.Objects("observations") {
		list = append(list, readObservation(entry))
	}
	if err := o.Err(); err != nil {
		return nil, err
	}
	return list, nil
}

func readObservation(o *document.Object) Observation {
	o.Known("a", "b", "rtt", "at", "source", "assumed")
	o.Required("a", "b", "rtt")
	out := Observation{
		A: topology.NodeID(o.String("a")), B: topology.NodeID(o.String("b")),
		At: o.Time("at"), Source: o.String("source"), Assumed: o.Bool("assumed"),
	}
	if out.A == out.B && out.A != "" {
		o.Defect("b", "%q is also a", string(out.B))
	}
	if wrong := document.Unfit(out.Source, ""); wrong != "" {
		o.Defect("source", "%s", wrong)
	}
	rtt := o.Object("rtt")
	rtt.Known("p50", "p95", "p99")
	rtt.Required("p50", "p95", "p99")
	percentile := func(key string) topology.Micros {
		return topology.Micros(rtt.Quantity(key, quantity.Duration))
	}
	out.RTT = topology.RTT{P50: percentile("p50"), P95: percentile("p95"), P99: percentile("p99")}
	if rtt.Has("p50") && rtt.Has("p95") && rtt.Has("p99") {
		if err := out.RTT.Check(); err != nil {
			o.DefectAt("rtt", "%s", err)
		}
	}
	return out
}
