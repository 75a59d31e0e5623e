package scale

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// timedPolicies adds up how long policies took to answer.
type timedPolicies struct {
	admission placement.Admission
	transit   placement.Transit
	spent     atomic.Int64 // nanoseconds
}

func (t *timedPolicies) since(begin time.Time) { t.spent.Add(int64(time.Since(begin))) }

// seconds is the time spent so far.
func (t *timedPolicies) seconds() float64 { return time.Duration(t.spent.Load()).Seconds() }

// Admit implements placement.Admission, as Reasons does.
func (t *timedPolicies) Admit(ctx context.Context, in placement.Scope, w *placement.Workload, sites []*topology.Site) ([]placement.Verdict, error) {
	defer t.since(time.Now())
	return t.admission.Admit(ctx, in, w, sites)
}

// Reasons implements placement.Admission.
func (t *timedPolicies) Reasons(ctx context.Context, in placement.Scope, w *placement.Workload, s *topology.Site) ([]placement.Reason, error) {
	defer t.since(time.Now())
	return t.admission.Reasons(ctx, in, w, s)
}

// Transit implements placement.Transit, as TransitReasons does.
func (t *timedPolicies) Transit(ctx context.Context, in placement.Scope, class placement.DataClass) (latency.Transit, error) {
	defer t.since(time.Now())
	return t.transit.Transit(ctx, in, class)
}

// TransitReasons implements placement.Transit.
func (t *timedPolicies) TransitReasons(ctx context.Context, in placement.Scope, class placement.DataClass, j topology.Jurisdiction, operator string) ([]placement.Reason, error) {
	defer t.since(time.Now())
	return t.transit.TransitReasons(ctx, in, class, j, operator)
}

// readFile reads a file with one of the readers.
func readFile[T any](name string, read func(file string, r io.Reader) (T, error)) (T, error) {
	f, err := os.Open(name)
	if err != nil {
		var none T
		return none, err
	}
	defer f.Close()
	return read(filepath.Base(name), f)
}
