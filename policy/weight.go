package policy

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// maxWeight is how many parts a value may be put together of, in literals, through variables, rules and functions, counting one that
// is met twice twice. OPA's type checker and evaluator go through all of them, and n doublings make 2^n.
const maxWeight = 100_000

// scale weighs values as written. A rule is known by its last name alone, in whatever package: where two share one the heavier
// counts.
type scale struct {
	rules  map[string][]*ast.Rule
	known  map[string]int
	within map[string]bool // rules being weighed: what is recursive is refused elsewhere
	bad    *defects
}

// checkWeights notes rules that put too large a value together. It comes before the compiler.
func checkWeights(modules []*module, bad *defects) {
	s := &scale{map[string][]*ast.Rule{}, map[string]int{}, map[string]bool{}, bad}
	for _, m := range modules {
		for _, r := range m.ast.Rules {
			for _, t := range r.Head.Ref() {
				if name, ok := nameOf(t); ok {
					s.rules[name] = append(s.rules[name], r)
				}
			}
		}
	}
	for _, name := range sortedKeys(s.rules) {
		s.named(name)
	}
}

// nameOf returns a word of a reference.
func nameOf(t *ast.Term) (string, bool) {
	switch v := t.Value.(type) {
	case ast.Var:
		return string(v), true
	case ast.String:
		return string(v), true
	}
	return "", false
}

// named returns the weight of the heaviest rule of a name, with its parameters weighing nothing; 0 where there is none.
func (s *scale) named(name string) int {
	if s.within[name] {
		return 1
	}
	if w, ok := s.known[name]; ok {
		return w
	}
	heaviest := 0
	s.within[name] = true
	for _, r := range s.rules[name] {
		for ; r != nil; r = r.Else {
			heaviest = max(heaviest, s.rule(r))
		}
	}
	delete(s.within, name)
	s.known[name] = heaviest
	return heaviest
}

// rule weighs what a rule gives, and notes where something in it is too heavy.
func (s *scale) rule(r *ast.Rule) int {
	vars := map[ast.Var]int{}
	for _, t := range r.Head.Args {
		ast.WalkVars(t, func(v ast.Var) bool { vars[v] = 1; return false })
	}
	reported := false
	check := func(w int, l *ast.Location) int {
		if w > maxWeight && !reported {
			reported = true
			s.bad.at(l, "%s is put together of more than %d parts", r.Head.Ref(), maxWeight)
		}
		return min(w, maxWeight+1)
	}
	// Variables may be bound in any order. Each round settles at least one more of them.
	equations := equationsOf(r)
	for range len(equations) + 1 {
		changed := false
		for _, q := range equations {
			w := check(s.term(q.value, vars), q.at)
			for _, v := range q.vars {
				if w > vars[v] && vars[v] <= maxWeight {
					vars[v], changed = w, true
				}
			}
		}
		if !changed || reported {
			break
		}
	}
	sum := 0
	for _, t := range []*ast.Term{r.Head.Key, r.Head.Value} {
		if t != nil {
			sum += s.term(t, vars)
		}
	}
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		if terms, ok := e.Terms.([]*ast.Term); ok {
			for _, t := range terms[1:] {
				check(s.term(t, vars), e.Location)
			}
		}
		return reported
	})
	return check(sum, r.Location)
}

// equation binds variables to a value.
type equation struct {
	vars  []ast.Var
	value *ast.Term
	at    *ast.Location
}

// equationsOf lists the equations of a rule, those in comprehensions included, in the order in which they stand.
func equationsOf(r *ast.Rule) (found []equation) {
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		terms, ok := e.Terms.([]*ast.Term)
		if !ok || len(terms) != 3 || !terms[0].Equal(equals) && !terms[0].Equal(assigns) {
			return false
		}
		for i, t := range terms[1:] {
			var vars []ast.Var
			switch t.Value.(type) {
			case ast.Var, *ast.Array, ast.Object:
				ast.WalkVars(t, func(v ast.Var) bool {
					if !slices.Contains(vars, v) {
						vars = append(vars, v)
					}
					return false
				})
			}
			other := terms[2-i]
			if len(vars) == 0 || i == 1 && terms[0].Equal(assigns) || len(vars) == 1 && mentionsVar(other, vars[0]) {
				continue
			}
			// Where "=" has a composite and a variable, the variable is taken for the one that is bound: both would never settle.
			if _, bare := t.Value.(ast.Var); !bare && !terms[0].Equal(assigns) {
				continue
			}
			found = append(found, equation{vars, other, e.Location})
		}
		return false
	})
	return found
}

var assigns = ast.NewTerm(ast.Assign.Ref())

func mentionsVar(t *ast.Term, v ast.Var) bool {
	found := false
	ast.WalkVars(t, func(x ast.Var) bool {
		found = found || x == v
		return found
	})
	return found
}

// term weighs a value.
func (s *scale) term(t *ast.Term, vars map[ast.Var]int) int {
	sum := 1
	add := func(x *ast.Term) { sum = min(sum+s.term(x, vars), maxWeight+1) }
	switch v := t.Value.(type) {
	case ast.Var:
		return max(vars[v], s.free(v, vars), 1)
	case ast.Ref:
		heaviest := 1
		for i, x := range v {
			if name, ok := nameOf(x); ok {
				if i == 0 {
					heaviest = max(heaviest, vars[ast.Var(name)])
				}
				if _, local := vars[ast.Var(name)]; i > 0 || !local {
					heaviest = max(heaviest, s.named(name))
				}
			}
		}
		return heaviest
	case *ast.Array:
		v.Foreach(add)
	case ast.Set:
		v.Foreach(add)
	case ast.Object:
		v.Foreach(func(k, e *ast.Term) { add(k); add(e) })
	case *ast.ArrayComprehension:
		add(v.Term)
	case *ast.SetComprehension:
		add(v.Term)
	case *ast.ObjectComprehension:
		add(v.Key)
		add(v.Value)
	case ast.Call:
		for _, x := range v[1:] {
			add(x)
		}
		ref, _ := v[0].Value.(ast.Ref)
		body := 0
		for _, x := range ref {
			if name, ok := nameOf(x); ok {
				body = max(body, s.named(name))
			}
		}
		if body == 0 && sum <= maxWeight {
			return 1 // what builtins make is looked at when they make it
		}
		return min(sum*max(body, 1), maxWeight+1)
	}
	return sum
}

// free weighs a variable as a rule where it is none of the rule's own.
func (s *scale) free(v ast.Var, vars map[ast.Var]int) int {
	if _, local := vars[v]; local {
		return 0
	}
	return s.named(string(v))
}
