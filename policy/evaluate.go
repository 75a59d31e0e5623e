package policy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/domicile-eu/domicile/placement"
)

// The codes of reasons that the engine gives by itself. All of them refuse.
const (
	codeError   = "POLICY-ERROR"    // a rule failed, took too long or yielded something of the wrong form
	codeExpired = "TABLE-EXPIRED"   // a rule rests on a table past its last day
	codeUnknown = "TRANSIT-UNKNOWN" // a restricted class of data may not cross what nobody names
)

// errEndless is the error of an evaluation that passed its limits.
var errEndless = errors.New("did not end within its limits")

// budget ends an evaluation after a number of steps, or when it is told to. OPA asks it before every expression, and in
// the loops of builtins.
type budget struct {
	left int64 // of the evaluating goroutine alone, as is made
	made int64 // the size of what builtins made
	end  atomic.Bool
}

// Cancel ends the evaluation.
func (b *budget) Cancel() { b.end.Store(true) }

// Cancelled counts a step and says whether the evaluation must end.
func (b *budget) Cancelled() bool {
	b.left--
	return b.left < 0 || b.end.Load()
}

// evaluate asks one rule and returns what it holds, in order. The error is errEndless, that of ctx, or the rule's own.
func (s *Set) evaluate(ctx context.Context, r *rule, input *ast.Term) (held []*ast.Term, err error) {
	s.evaluations.Add(1)
	txn, err := s.store.NewTransaction(ctx)
	if err != nil {
		return nil, err
	}
	defer s.store.Abort(ctx, txn)
	// A fault of the evaluator refuses what was asked and leaves the process standing.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the evaluator fails: %v", p)
		}
	}()

	limit := &budget{left: s.options.MaxSteps}
	deadline := time.AfterFunc(s.options.Deadline, limit.Cancel)
	defer deadline.Stop()
	defer context.AfterFunc(ctx, limit.Cancel)()

	results, err := topdown.NewQuery(r.query).
		WithCompiler(s.compiler).
		WithBuiltins(s.guards.builtins).
		WithStore(s.store).
		WithTransaction(txn).
		WithInput(input).
		WithCancel(limit).
		WithStrictBuiltinErrors(true).
		WithMetrics(metrics.NoOp()).
		WithTime(time.Unix(0, 0)). // no builtin shows it; the default would read the clock
		Run(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case topdown.IsCancel(err):
		return nil, errEndless
	case err != nil:
		return nil, err
	case len(results) != 1:
		return nil, fmt.Errorf("has %d results instead of one", len(results))
	}
	set, ok := results[0][result.Value.(ast.Var)].Value.(ast.Set)
	if !ok {
		return nil, errors.New("yields no set")
	}
	if within(maxValue, results[0][result.Value.(ast.Var)]) != nil {
		return nil, errors.New("yields more than can be reported")
	}
	return set.Slice(), nil
}

// details reads what a deny or transit rule holds: one reason for each object.
func (r *rule) details(held []*ast.Term) []placement.Reason {
	var reasons []placement.Reason
	for _, t := range held {
		reason := r.reason()
		if _, ok := t.Value.(ast.Object); !ok {
			reasons = append(reasons, r.failure(fmt.Errorf("contains %s, which is no object", clip(t.String()))))
			continue
		}
		plain, err := fromValue(t.Value)
		detail, ok := plain.(map[string]any)
		if err != nil || !ok {
			reasons = append(reasons, r.failure(fmt.Errorf("contains %s, which is no plain object", clip(t.String()))))
			continue
		}
		if message, ok := detail["message"].(string); ok {
			reason.Message = message
			delete(detail, "message")
		}
		if len(detail) > 0 {
			reason.Detail = detail
		}
		reasons = append(reasons, reason)
	}
	return reasons
}

const (
	maxPoints    = 1_000_000     // of one object of a prefer rule
	maxRuleTotal = 1_000_000_000 // of all objects of one rule; sums over all rules stay far from overflow
)

// points adds up what a prefer rule holds.
func (r *rule) points(held []*ast.Term) (int64, error) {
	var sum int64
	for _, t := range held {
		o, ok := t.Value.(ast.Object)
		if !ok {
			return 0, fmt.Errorf("contains %s, which is no object", clip(t.String()))
		}
		p := o.Get(ast.InternedTerm("points"))
		if p == nil {
			return 0, fmt.Errorf("contains %s, which has no points", clip(t.String()))
		}
		n, ok := p.Value.(ast.Number)
		v, whole := n.Int64()
		if !ok || !whole || v < -maxPoints || v > maxPoints {
			return 0, fmt.Errorf("gives %s points: must be an integer from %d to %d", clip(p.String()), -maxPoints, maxPoints)
		}
		sum += v
		if sum < -maxRuleTotal || sum > maxRuleTotal {
			return 0, fmt.Errorf("gives more than %d points in all", maxRuleTotal)
		}
	}
	return sum, nil
}

// failure is the reason of a rule that could not be judged.
func (r *rule) failure(err error) placement.Reason {
	reason := r.reason()
	reason.Code = codeError
	reason.Title = "Rule " + r.Code + " could not be judged"
	reason.Message = r.Code + " " + explain(err)
	reason.Final = true
	r.failed.note(reason.Message)
	return reason
}

// explain words an error of an evaluation without the codes of OPA.
func explain(err error) string {
	var t *topdown.Error
	if errors.As(err, &t) {
		return "fails in " + location(t.Location) + ": " + strings.Join(strings.Fields(t.Message), " ")
	}
	return err.Error()
}

// clip keeps a message readable whatever a rule yields.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
