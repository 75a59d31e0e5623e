package policy

import (
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/types"
)

// Values are put together without builtins as well: in literals, in comprehensions and by rules. One that is made of parts that are
// shared takes no memory, but to unify two of them takes time, and stack, for every part that is met. So the size of what a
// literal, a comprehension or a rule makes is looked at in an expression of its own, which fails where it is too large.

// sizeGuard is the builtin that looks. It holds of everything that is not too large.
var sizeGuard = &ast.Builtin{
	Name: guardName("size"),
	Decl: types.NewFunction(types.Args(types.A, types.B), types.B),
}

// checkSize is sizeGuard's work. The second operand says whether the value is one of many that an aggregate is made of.
func checkSize(c topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
	size, err := sizeOf(operands[0])
	if b, ok := c.Cancel.(*budget); ok {
		b.left++ // this is no step of the author's
		if operands[1].Equal(ast.InternedTerm(true)) && err == nil {
			if b.made += size; b.made > maxMade {
				err = errMade
			}
		}
	}
	if err != nil {
		return topdown.Halt{Err: &topdown.Error{Code: topdown.BuiltinErr, Location: c.Location, Message: "the rule " + err.Error()}}
	}
	return iter(ast.InternedTerm(true))
}

// look makes the expression that looks at a value.
func look(t *ast.Term, l *ast.Location, many bool) *ast.Expr {
	e := ast.NewExpr([]*ast.Term{ast.NewTerm(sizeGuard.Ref()), t, ast.InternedTerm(many)})
	e.Location = l
	return e
}

// guardBodies puts expressions that look at sizes into all bodies of compiled modules.
func guardBodies(c *ast.Compiler) {
	for _, m := range c.Modules {
		ast.NewGenericVisitor(func(x any) bool {
			switch x := x.(type) {
			case *ast.Rule:
				if !x.Default {
					x.Body = guardBody(x.Body, x.Head.Key, x.Head.Value)
				}
			case *ast.ArrayComprehension:
				x.Body = guardBody(x.Body, x.Term)
			case *ast.SetComprehension:
				x.Body = guardBody(x.Body, x.Term)
			case *ast.ObjectComprehension:
				x.Body = guardBody(x.Body, x.Key, x.Value)
			case *ast.Every:
				x.Body = guardBody(x.Body)
			}
			return false
		}).Walk(m)
	}
}

// guardBody returns a body that looks at what it gives in the end, and on the way at literals: those that functions are
// given before the call, those of equations after them, when both sides are known.
func guardBody(body ast.Body, given ...*ast.Term) ast.Body {
	var guarded ast.Body
	for _, e := range body {
		terms, _ := e.Terms.([]*ast.Term)
		simple := !e.Negated && len(e.With) == 0
		call := len(terms) > 1 && simple && !terms[0].Equal(equals)
		if ref, ok := callee(terms); call && ok && ref[0].Equal(ast.DefaultRootDocument) {
			for _, t := range terms[1:] {
				if literal(t) {
					guarded.Append(look(t, e.Location, false))
				}
			}
		}
		guarded.Append(e)
		if len(terms) == 3 && simple && !call {
			for _, t := range terms[1:] {
				if literal(t) {
					guarded.Append(look(t, e.Location, false))
				}
			}
		}
	}
	for _, t := range given {
		if t != nil && !ast.IsConstant(t.Value) && len(body) > 0 {
			guarded.Append(look(t, body[len(body)-1].Location, true))
		}
	}
	return guarded
}

func callee(terms []*ast.Term) (ast.Ref, bool) {
	if len(terms) == 0 {
		return nil, false
	}
	ref, ok := terms[0].Value.(ast.Ref)
	return ref, ok
}

// literal says whether a term is a composite with variables in it, and nothing that is evaluated.
func literal(t *ast.Term) bool {
	switch t.Value.(type) {
	case *ast.Array, ast.Object, ast.Set:
	default:
		return false
	}
	vars, other := false, false
	ast.WalkTerms(t, func(x *ast.Term) bool {
		switch x.Value.(type) {
		case ast.Var:
			vars = true
		case ast.Ref, ast.Call, *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension, *ast.TemplateString:
			other = true
		}
		return other
	})
	return vars && !other
}
