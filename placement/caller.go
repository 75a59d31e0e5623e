package placement

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/domicile-eu/domicile/topology"
)

// callerPanic is what a panic in a Rule, Admission, Transit or Relocator goes on as. It stays a panic, for it is a defect of
// the program and no answer, but it comes out of the function of this package that was called, on that goroutine, and
// says what was asked. Where the value was an error, errors.Is and errors.As find it.
type callerPanic struct {
	asked string
	value any
	stack []byte // of where it began, which can be another goroutine
}

func (p *callerPanic) Error() string {
	return fmt.Sprintf("placement: %s panics: %v\n\n%s", p.asked, p.value, p.stack)
}

func (p *callerPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

// named is to be deferred: it puts what was asked of whom to a panic.
func named(asked func() string) {
	if value := recover(); value != nil {
		if _, ok := value.(*callerPanic); !ok {
			value = &callerPanic{asked(), value, debug.Stack()}
		}
		panic(value)
	}
}

// judgeBy asks a rule.
func judgeBy(r Rule, w *Workload, s *topology.Site) (ok bool, why string, cost topology.MicroEUR) {
	defer named(func() string { return fmt.Sprintf("rule %T, asked about %s on %s,", r, w.ID, s.ID) })
	return r.Judge(w, s)
}

// admittedAs names a question to an admission about one workload.
func admittedAs(a Admission, w *Workload, sites ...*topology.Site) string {
	if len(sites) == 1 {
		return fmt.Sprintf("admission %T, asked about %s on %s,", a, w.ID, sites[0].ID)
	}
	return fmt.Sprintf("admission %T, asked about %s on %d sites,", a, w.ID, len(sites))
}

// relocationBy asks what a move costs.
func relocationBy(r Relocator, from, to *topology.Site) topology.MicroEUR {
	defer named(func() string { return fmt.Sprintf("relocation %T, asked about %s to %s,", r, from.ID, to.ID) })
	return r.RelocationCost(from, to)
}

// classesBy asks an admission for its classes.
func classesBy(ctx context.Context, a Classifier, in Scope, loads []*Workload, sites []*topology.Site) (ofLoads, ofSites []int32, err error) {
	defer named(func() string { return fmt.Sprintf("admission %T, asked for its classes,", a) })
	return a.Classes(ctx, in, loads, sites)
}
