package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// A step of an evaluation is cheap but for its builtins: a handful of calls of replace can make a text of any length, and the
// values that rules build share their parts, so that what walks through one may meet 2^n of them. So every builtin that rules may
// call is called through a guard, which looks at what goes in, estimates what comes out of those that multiply, and adds up
// what did come out. The compiled rules call the guards by names of their own, see guardCalls; nothing of OPA's is replaced.

const (
	// maxValue is the size of the largest value that a builtin takes or makes, see sizer: some 100,000 small values or 4 MiB of text,
	// which is more than the largest table that is accepted makes as people write them.
	maxValue = 4 << 20
	// maxMade is the size of all that builtins, comprehensions and rules make in one evaluation.
	maxMade = 128 << 20
	// valueSize is counted for each value on top of its text.
	valueSize = 32
	// maxDigits is the length of the longest number, and its largest exponent.
	maxDigits = 1000
	// maxPattern is the length of the longest pattern of a glob or regular expression.
	maxPattern = 4096
)

var (
	errLarge  = errors.New("takes or makes a value that is too large")
	errMade   = errors.New("makes too much in one evaluation")
	errNumber = fmt.Errorf("takes or makes a number of more than %d digits", maxDigits)
)

// sizer measures values and stops at a limit. A part that is met twice counts twice.
type sizer struct {
	left            int64
	prefix, perDeep int64 // counted for each value as well: the latter times its depth
	depth           int64
	err             error
}

// within returns why a value is too large; nil where it is not.
func within(limit int64, values ...*ast.Term) error {
	s := sizer{left: limit}
	for _, t := range values {
		if !s.add(t) {
			break
		}
	}
	return s.err
}

// sizeOf returns the size of a value that is not too large.
func sizeOf(t *ast.Term) (int64, error) {
	s := sizer{left: maxValue}
	s.add(t)
	return maxValue - s.left, s.err
}

// add counts a value and says whether to go on.
func (s *sizer) add(t *ast.Term) bool {
	s.left -= valueSize + s.prefix + s.perDeep*s.depth
	s.depth++
	defer func() { s.depth-- }()
	switch v := t.Value.(type) {
	case ast.String:
		s.left -= int64(len(v))
	case ast.Number:
		if !short(v) {
			s.err = errNumber
		}
		s.left -= int64(len(v))
	case *ast.Array:
		v.Until(func(e *ast.Term) bool { return !s.add(e) })
	case ast.Set:
		v.Until(func(e *ast.Term) bool { return !s.add(e) })
	case ast.Object:
		v.Until(func(k, e *ast.Term) bool { return !s.add(k) || !s.add(e) })
	}
	if s.left < 0 && s.err == nil {
		s.err = errLarge
	}
	return s.err == nil
}

// short says whether a number is one to calculate with: big integers take time that grows with the square of their length.
func short(n ast.Number) bool {
	if len(n) > maxDigits {
		return false
	}
	i := strings.IndexAny(string(n), "eE")
	if i < 0 {
		return true
	}
	exponent := 0
	for _, c := range strings.TrimLeft(string(n[i+1:]), "+-") {
		if exponent = 10*exponent + int(c-'0'); exponent > maxDigits {
			return false
		}
	}
	return true
}

// guardName returns the name that compiled rules call a builtin by.
func guardName(builtin string) string { return guardRoot + "." + builtin }

const guardRoot = "domicile__guarded"

// guards are the guards of all builtins of the sandbox by their names, and those names by the builtins' own.
type guards struct {
	decls    map[string]*ast.Builtin
	builtins map[string]*topdown.Builtin
}

// newGuards makes the guards.
func newGuards() guards {
	g := guards{map[string]*ast.Builtin{}, map[string]*topdown.Builtin{}}
	for _, b := range sandbox().Builtins {
		f := topdown.GetBuiltin(b.Name)
		if f == nil || unguarded[b.Name] || b.Infix == "=" || b.Infix == ":=" {
			continue
		}
		decl := *ast.BuiltinMap[b.Name]
		decl.CanSkipBctx = false // a guard finds what it counts in the context
		named := decl
		named.Name, named.Infix = guardName(b.Name), ""
		// The evaluator looks up what a reference is written as, which is another thing where a name is a keyword.
		g.builtins[named.Ref().String()] = &topdown.Builtin{Decl: &decl, Func: guarded(&decl, f)}
		g.decls[guardName(b.Name)] = &named
	}
	g.decls[sizeGuard.Name] = sizeGuard
	g.builtins[sizeGuard.Name] = &topdown.Builtin{Decl: sizeGuard, Func: checkSize}
	return g
}

// unguarded are builtins that look at no more than the outside of what they are given and make nothing.
var unguarded = map[string]bool{
	"count": true, "is_array": true, "is_boolean": true, "is_null": true, "is_number": true, "is_object": true, "is_set": true,
	"is_string": true, "type_name": true, "object.get": true, "print": true, "internal.print": true, "internal.test_case": true, "trace": true,
}

// comparing are the builtins that compare their first operands, and so see no more of one than the other has.
var comparing = map[string]int{
	"equal": 2, "neq": 2, "lt": 2, "lte": 2, "gt": 2, "gte": 2, "internal.member_2": 1, "internal.member_3": 2,
}

// guarded returns a builtin with its guard. What is too large ends the evaluation with an error at the place of the call.
func guarded(decl *ast.Builtin, f topdown.BuiltinFunc) topdown.BuiltinFunc {
	name, arity := decl.Name, decl.Decl.Arity()
	fail := func(c topdown.BuiltinContext, err error) error {
		return topdown.Halt{Err: &topdown.Error{Code: topdown.BuiltinErr, Location: c.Location, Message: name + " " + err.Error()}}
	}
	if n := comparing[name]; n > 0 {
		return func(c topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
			err := within(maxValue, operands[0])
			if err == errLarge && n == 2 {
				err = within(maxValue, operands[1])
			}
			if err != nil {
				return fail(c, err)
			}
			return f(c, operands, iter)
		}
	}
	estimate := estimates[name]
	return func(c topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
		given := operands[:min(arity, len(operands))]
		if err := within(maxValue, given...); err != nil {
			return fail(c, err)
		}
		if estimate != nil && estimate(given) > maxValue {
			return fail(c, errLarge)
		}
		return f(c, operands, func(made *ast.Term) error {
			size, err := sizeOf(made)
			if b, ok := c.Cancel.(*budget); ok && err == nil {
				if b.made += size; b.made > maxMade {
					err = errMade
				}
			}
			if err != nil {
				return fail(c, err)
			}
			return iter(made)
		})
	}
}

// guardCalls makes compiled modules call the guards in the place of the builtins, and replacements of builtins replace the
// guards. It comes after everything that reads the compiled rules.
func guardCalls(c *ast.Compiler, g guards) {
	guardBodies(c)
	guard := func(t *ast.Term) *ast.Term {
		ref, ok := t.Value.(ast.Ref)
		if !ok {
			return t
		}
		if decl := g.decls[guardName(ref.String())]; decl != nil {
			return ast.NewTerm(decl.Ref()).SetLocation(t.Location)
		}
		return t
	}
	for _, m := range c.Modules {
		ast.WalkExprs(m, func(e *ast.Expr) bool {
			if terms, ok := e.Terms.([]*ast.Term); ok {
				terms[0] = guard(terms[0])
			}
			for _, w := range e.With {
				w.Target, w.Value = guard(w.Target), guard(w.Value)
			}
			return false
		})
	}
}
