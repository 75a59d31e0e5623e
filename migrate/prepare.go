package migrate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// hop is one copy of one workload from one site to another, ready to be ordered and timed.
type hop struct {
	work     int32
	from, to int32
	stage    bool // the workload will leave "to" again
	method   placement.Method
	route    latency.Route
	rate     int64 // bit/s held on the route; 0 where nothing is sent
	estimate Estimate
	left     topology.Micros // of a move that runs when the plan starts; zero: it does not
	takes    []use           // room taken at "to" when it starts
	gives    []use           // room given back at "from" when it ends
}

// refusal is why a hop cannot be made at all.
type refusal struct {
	message string
	reasons []placement.Violation
}

// prepare chooses route, rate and method of a hop, or says why there is none. It does not judge what other workloads
// have to do with it.
func (w *world) prepare(ctx context.Context, work, from, to int32) (*hop, *refusal, error) {
	if w.sites[from].State == topology.Down {
		v := placement.Violation{
			Kind: placement.ByState, Workloads: []placement.WorkloadID{w.works[work].ID}, Site: w.sites[from].ID,
			Message: fmt.Sprintf("%s is down: nothing runs there that could be copied", w.sites[from].ID),
		}
		return nil, &refusal{v.Message, []placement.Violation{v}}, nil
	}
	refused, err := w.refusals(ctx, work, to)
	if err != nil {
		return nil, nil, err
	}
	if len(refused) > 0 {
		return nil, &refusal{fmt.Sprintf("%s may not run on %s: %s", w.works[work].ID, w.sites[to].ID, refused[0].Message), refused}, nil
	}
	route, barred, err := w.way(ctx, work, from, to)
	if err != nil || barred != nil {
		return nil, barred, err
	}
	return w.choose(work, from, to, route)
}

// predict asks the model with the setup of the options.
func (w *world) predict(work int32, method placement.Method, rate int64) (Estimate, error) {
	return predict(w.works[work], method, rate, w.opts.Setup)
}

// choose takes the first allowed method that works at the full rate of the route and has a safe duration, or else the
// first that works.
func (w *world) choose(work, from, to int32, route latency.Route) (*hop, *refusal, error) {
	var why []string
	var unsafe *hop
	for _, method := range methodsOf(w.works[work]) {
		e, err := w.predict(work, method, route.Bandwidth)
		if errors.Is(err, ErrMethod) {
			why = append(why, strings.TrimPrefix(err.Error(), ErrMethod.Error()+": "))
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		h := &hop{work: work, from: from, to: to, method: method, route: route, rate: route.Bandwidth, estimate: e}
		if e.Bytes == 0 {
			h.rate = 0
		}
		if e.Safe < longest {
			return h, nil, nil
		}
		if unsafe == nil {
			unsafe = h
		}
	}
	if unsafe != nil {
		return unsafe, nil, nil
	}
	return nil, &refusal{message: "no allowed method works: " + strings.Join(why, "; ")}, nil
}

// way returns the route that the workload's data may take, or why there is none.
func (w *world) way(ctx context.Context, work, from, to int32) (latency.Route, *refusal, error) {
	a, b := w.sites[from].ID.Node(), w.sites[to].ID.Node()
	t, err := w.transitOf(ctx, work)
	if err != nil {
		return latency.Route{}, nil, err
	}
	if route, ok := w.graph.Route(a, b, t); ok {
		return route, nil, nil
	}
	v := placement.Violation{Kind: placement.ByTransit, Workloads: []placement.WorkloadID{w.works[work].ID}, Site: w.sites[to].ID}
	free, ok := w.graph.Route(a, b, latency.Transit{})
	if !ok {
		v.Message = fmt.Sprintf("there is no way from %s to %s", a, b)
		return latency.Route{}, &refusal{v.Message, []placement.Violation{v}}, nil
	}
	v.Message = fmt.Sprintf("there is no way from %s to %s that data of class %q may take", a, b, w.works[work].Data)
	if bad, ok := t.Crosses(free); ok {
		v.Message += fmt.Sprintf("; the shortest crosses %s (operator %q, %v)", bad.Link, bad.Operator, bad.Jurisdictions)
		if v.Reasons, err = w.transitGrounds(ctx, work, bad); err != nil {
			return latency.Route{}, nil, err
		}
	}
	return latency.Route{}, &refusal{v.Message, []placement.Violation{v}}, nil
}

// transitGrounds returns the rules that keep the workload's data off a hop.
func (w *world) transitGrounds(ctx context.Context, work int32, bad latency.Hop) ([]placement.Reason, error) {
	var out []placement.Reason
	class := w.works[work].Data
	for _, j := range bad.Jurisdictions {
		reasons, err := w.problem.Transit.TransitReasons(ctx, w.scope, class, j, "")
		if err != nil {
			return nil, err
		}
		out = append(out, reasons...)
	}
	reasons, err := w.problem.Transit.TransitReasons(ctx, w.scope, class, "", bad.Operator)
	return append(out, reasons...), err
}

func sortedIndices[V any](m map[int32]V) []int32 { return slices.Sorted(maps.Keys(m)) }

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
