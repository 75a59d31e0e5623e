package policy

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// A compiled rule is read expression by expression. The compiler gives every local variable a name of its own and puts what
// calls are given into variables, so that much of what rules do with the input goes through aliases:
//
//	__local1__ = input.site.attributes; not __local1__.bar
//
// Only an equation of a variable and a constant path is an alias, the first that the variable has. The equation itself tells
// whether there is anything at the path, so the kind of value there is seen, see read. What follows the variable as a constant
// path is seen as a whole; the variable by itself, in whatever place, is a sight of the whole value. Parameters of functions are
// aliases of what they are given.

// read is one sight of the input.
type read struct {
	path inputPath
	// kind says that no more is seen than whether there is a value, and of which type.
	kind bool
	at   *ast.Location
}

// mentions is what one rule refers to by itself.
type mentions struct {
	inputs []read
	data   []ast.Ref
	calls  []call
}

// call is a rule that is referred to, with the paths that its parameters are known to be.
type call struct {
	rule   *ast.Rule
	params []inputPath // nil: none is known; a nil path is not known either
}

// key tells apart what a rule may be called with.
func (c call) key() string {
	var b strings.Builder
	for _, p := range c.params {
		if p != nil {
			b.WriteString(p.key())
		}
		b.WriteByte(';')
	}
	return b.String()
}

// visit reads one rule.
type visit struct {
	*reader
	*mentions
	walk    *ast.GenericVisitor
	aliases map[ast.Var]inputPath
	defines map[*ast.Expr]ast.Var // the equation of each alias
	at      *ast.Location         // of the expression at hand
}

// mentionsOf returns what a rule refers to by itself, its else branches included.
func (r *reader) mentionsOf(c call) *mentions {
	v := &visit{reader: r, mentions: &mentions{}, aliases: map[ast.Var]inputPath{}, defines: map[*ast.Expr]ast.Var{}, at: c.rule.Location}
	v.bind(c)
	v.findAliases(c.rule)
	v.walk = ast.NewGenericVisitor(v.enter)
	v.walk.Walk(c.rule)
	return v.mentions
}

// bind makes parameters aliases of what they are given.
func (v *visit) bind(c call) {
	twice := map[ast.Var]bool{}
	for r := c.rule; r != nil; r = r.Else {
		here := map[ast.Var]bool{}
		for i, p := range c.params {
			if p == nil || i >= len(r.Head.Args) {
				continue
			}
			name, ok := r.Head.Args[i].Value.(ast.Var)
			old, known := v.aliases[name]
			switch {
			case !ok || here[name] || known && !slices.Equal(old, p):
				// A pattern looks into the value, and so does a comparison of two.
				v.see(p, false)
				if known {
					v.see(old, false)
				}
				twice[name] = ok
			default:
				v.aliases[name] = p
			}
			here[name] = true
		}
	}
	for name := range twice {
		delete(v.aliases, name)
	}
}

// local says whether the compiler made up a variable's name, which is then that of no other in the module.
func local(name ast.Var) bool { return strings.HasPrefix(string(name), ast.LocalVarPrefix) }

// paramsOf returns the names of a rule's parameters, in all its branches. They have their value from the call: an equation with the
// input compares it, though nothing else may mention the name.
func paramsOf(rule *ast.Rule) map[ast.Var]bool {
	params := map[ast.Var]bool{}
	for r := rule; r != nil; r = r.Else {
		for _, t := range r.Head.Args {
			if name, ok := t.Value.(ast.Var); ok {
				params[name] = true
			}
		}
	}
	return params
}

// findAliases finds the equations of a rule that make aliases. One may rest on another.
func (v *visit) findAliases(rule *ast.Rule) {
	type equation struct {
		expr *ast.Expr
		name ast.Var
		ref  ast.Ref
	}
	var found []equation
	params := paramsOf(rule)
	ast.WalkExprs(rule, func(e *ast.Expr) bool {
		if name, ref, ok := aliasOf(e); ok && !params[name] {
			found = append(found, equation{e, name, ref})
		}
		return false
	})
	for more := true; more; {
		more = false
		for _, q := range found {
			if _, known := v.aliases[q.name]; known {
				continue // a second equation compares, for which the variable is used by itself
			}
			if path, ok := v.resolve(q.ref); ok && len(path) == len(v.base(q.ref))+len(q.ref)-1 {
				v.aliases[q.name], v.defines[q.expr], more = path, q.name, true
			}
		}
	}
}

// aliasOf takes an equation of a local variable and a reference apart.
func aliasOf(e *ast.Expr) (name ast.Var, ref ast.Ref, ok bool) {
	terms, _ := e.Terms.([]*ast.Term)
	if e.Negated || len(e.With) > 0 || len(terms) != 3 || !terms[0].Equal(equals) {
		return "", nil, false
	}
	for i, t := range terms[1:] {
		name, isName := t.Value.(ast.Var)
		ref, isRef := terms[2-i].Value.(ast.Ref)
		if isName && isRef && local(name) {
			return name, ref, true
		}
	}
	return "", nil, false
}

var equals = ast.NewTerm(ast.Equality.Ref())

// base returns the path that the first word of a reference stands for.
func (v *visit) base(ref ast.Ref) inputPath {
	if name, ok := ref[0].Value.(ast.Var); ok {
		return v.aliases[name]
	}
	return nil
}

// resolve returns the path in the input that a reference follows, up to its first key that is not a constant text.
func (v *visit) resolve(ref ast.Ref) (inputPath, bool) {
	if ref[0].Equal(ast.InputRootDocument) {
		return constantKeys(ref), true
	}
	name, ok := ref[0].Value.(ast.Var)
	if base, known := v.aliases[name]; ok && known {
		return base.join(constantKeys(ref)), true
	}
	return nil, false
}

func (v *visit) see(path inputPath, kind bool) {
	v.inputs = append(v.inputs, read{path, kind, v.at})
}

// enter is called with everything in a rule from the outside in, and says whether it has dealt with all inside.
func (v *visit) enter(x any) bool {
	switch x := x.(type) {
	case *ast.Head:
		v.head(x)
		return true
	case *ast.Expr:
		if x.Location != nil {
			v.at = x.Location
		}
		return v.expression(x)
	case *ast.With:
		// What stands at the place itself is not looked at.
		if ref, ok := x.Target.Value.(ast.Ref); ok && !ref[0].Equal(ast.InputRootDocument) {
			v.walk.Walk(x.Target)
		}
		v.walk.Walk(x.Value)
		return true
	case ast.Ref:
		v.reference(x)
		return true
	case ast.Var:
		// The compiler makes references of input and data; one that it left would be the whole.
		v.reference(ast.Ref{ast.NewTerm(x)})
	}
	return false
}

// head reads what a rule yields. The names of its parameters are no use of them.
func (v *visit) head(h *ast.Head) {
	for _, t := range h.Args {
		if _, ok := t.Value.(ast.Var); !ok {
			v.walk.Walk(t)
		}
	}
	for _, t := range h.Reference[min(1, len(h.Reference)):] {
		v.walk.Walk(t)
	}
	for _, t := range []*ast.Term{h.Key, h.Value} {
		if t != nil {
			v.walk.Walk(t)
		}
	}
}

// reference notes a reference to input or data, and reads its keys.
func (v *visit) reference(ref ast.Ref) {
	if path, ok := v.resolve(ref); ok {
		v.see(path, false)
	} else if ref[0].Equal(ast.DefaultRootDocument) {
		v.refer(ref, nil)
	} else if _, ok := ref[0].Value.(ast.Var); !ok {
		v.walk.Walk(ref[0])
	}
	for _, t := range ref[1:] {
		v.walk.Walk(t)
	}
}

// refer notes what a reference to data leads to.
func (v *visit) refer(ref ast.Ref, params []inputPath) {
	v.data = append(v.data, ref)
	for _, rule := range v.rulesAt(ref) {
		v.calls = append(v.calls, call{rule, params})
	}
}

// expression reads an expression in the ways that say more than that it names something, and leaves the others to the walk.
func (v *visit) expression(e *ast.Expr) bool {
	if !transparent(e.Terms) {
		v.see(inputPath{}, false)
	}
	for _, w := range e.With {
		v.with(w)
	}
	if name, ok := v.defines[e]; ok {
		v.see(v.aliases[name], true)
		return true
	}
	terms, ok := e.Terms.([]*ast.Term)
	if !ok {
		return false
	}
	op, ok := terms[0].Value.(ast.Ref)
	if !ok || !v.builtin(op.String(), terms[1:]) && !v.function(op, terms[1:]) {
		return false
	}
	for _, w := range e.With {
		v.walk.Walk(w)
	}
	return true
}

// with reads what replacing a part of the input, or a table, depends on. What is read below is read from the replaced input: it is what
// stands in the true one, or comes from the value put there, or is the whole of which the place is a part. So no more is seen
// than without the replacement, but for the kinds of what stands above the place, on which it depends where the value goes. To
// replace a function may change what anything else is given.
func (v *visit) with(w *ast.With) {
	target, ok := w.Target.Value.(ast.Ref)
	if !ok {
		v.see(inputPath{}, false)
		return
	}
	keys := constantKeys(target)
	switch {
	case len(keys) < len(target)-1:
		v.see(inputPath{}, false)
	case target[0].Equal(ast.InputRootDocument):
		for n := 1; n < len(keys); n++ {
			v.see(keys[:n], true)
		}
	case !target[0].Equal(ast.DefaultRootDocument) || slices.ContainsFunc(v.rulesAt(target), func(r *ast.Rule) bool { return len(r.Head.Args) > 0 }):
		v.see(inputPath{}, false)
	}
}

// builtin reads the calls of builtins that see less than all of what they are given.
func (v *visit) builtin(name string, args []*ast.Term) bool {
	if len(args) == 0 {
		return false
	}
	of, ok := args[0].Value.(ast.Var)
	path, known := v.aliases[of]
	if !ok || !known {
		return false
	}
	switch name {
	case "is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "type_name":
		v.see(path, true)
	case "object.get":
		keys, ok := textKeys(args[1])
		if !ok {
			return false
		}
		v.see(path, true)
		v.see(path.join(keys), false)
	default:
		return false
	}
	for _, t := range args[1:] {
		v.walk.Walk(t)
	}
	return true
}

// textKeys returns the keys that object.get is given where all are constant texts, and there are some.
func textKeys(t *ast.Term) ([]string, bool) {
	switch x := t.Value.(type) {
	case ast.String:
		return []string{string(x)}, true
	case *ast.Array:
		var keys []string
		for i := range x.Len() {
			key, ok := x.Elem(i).Value.(ast.String)
			if !ok {
				return nil, false
			}
			keys = append(keys, string(key))
		}
		return keys, len(keys) > 0
	}
	return nil, false
}

// function reads the call of a rule with parameters: it sees of them what the rule sees.
func (v *visit) function(op ast.Ref, args []*ast.Term) bool {
	if !op[0].Equal(ast.DefaultRootDocument) {
		return false
	}
	rules := v.rulesAt(op)
	if len(rules) == 0 {
		return false
	}
	params := make([]inputPath, len(args))
	for i, t := range args {
		name, ok := t.Value.(ast.Var)
		path, known := v.aliases[name]
		if ok && known && !slices.ContainsFunc(rules, func(r *ast.Rule) bool { return i >= len(r.Head.Args) }) {
			params[i] = path
			continue
		}
		v.walk.Walk(t)
	}
	v.refer(op, params)
	for _, t := range op[1:] {
		v.walk.Walk(t)
	}
	return true
}

// transparent says whether the visitor looks into the terms of an expression. A form of expression that a later OPA
// introduces is taken to see everything.
func transparent(terms any) bool {
	switch terms.(type) {
	case *ast.Term, []*ast.Term, *ast.SomeDecl, *ast.Every, *ast.Not, *ast.LogicalAnd, *ast.LogicalOr:
		return true
	}
	return false
}

// constantKeys returns the keys of a reference up to the first that is not a constant text.
func constantKeys(ref ast.Ref) []string {
	keys := []string{}
	for _, t := range ref[1:] {
		key, ok := t.Value.(ast.String)
		if !ok {
			break
		}
		keys = append(keys, string(key))
	}
	return keys
}
