package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"
)

// side is who speaks in a package.
type side struct {
	tenant, owner string // at most one is set; none: the continuum
	pack          string // package below domicile.packs
	helper        bool   // package below domicile.lib: functions for others, no verdicts
}

func (s side) String() string {
	switch {
	case s.tenant != "":
		return "tenant:" + s.tenant
	case s.owner != "":
		return "owner:" + s.owner
	default:
		return "continuum"
	}
}

// module is one parsed file.
type module struct {
	*file
	ast  *ast.Module
	side side
}

// path writes the module's package without the leading data.
func (m *module) path() string { return strings.TrimPrefix(m.ast.Package.Path.String(), "data.") }

// parseModule parses one file; nil where that is not possible, with the defects noted.
func parseModule(f *file, bad *defects) (m *module) {
	if line := tooDeep(f.text); line > 0 {
		bad.add(f.name, line, "brackets are nested more than %d deep", maxBrackets)
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			bad.add(f.name, 0, "the parser fails: %v", r)
			m = nil
		}
	}()
	parsed, err := ast.ParseModuleWithOpts(f.name, string(f.text), ast.ParserOptions{
		Capabilities:      sandbox(),
		ProcessAnnotation: true,
		RegoVersion:       ast.RegoV1,
	})
	var errs ast.Errors
	var one *ast.Error
	switch {
	case errors.As(err, &errs):
		noteErrors(errs, bad)
		return nil
	case errors.As(err, &one):
		bad.add(f.name, 0, "%s", one.Message)
		return nil
	case err != nil:
		bad.add(f.name, 0, "%v", err)
		return nil
	case parsed == nil: // nothing but comments
		bad.add(f.name, 0, "empty module")
		return nil
	}
	if l := tooComplex(parsed); l != nil {
		bad.at(l, "is too complex: nested more than %d levels, more than %d comprehensions in one another, "+
			"or more than %d expressions in a body", maxTree, maxClosures, maxBody)
		return nil
	}
	m = &module{file: f, ast: parsed}
	if f.isTest() {
		return m
	}
	if m.side, err = sideOf(parsed.Package.Path); err != nil {
		bad.at(parsed.Package.Location, "%v", err)
	}
	return m
}

// sideOf reads who speaks from the path of a package.
func sideOf(path ast.Ref) (side, error) {
	var words []string
	for _, t := range path[1:] {
		words = append(words, string(t.Value.(ast.String)))
	}
	wrong := fmt.Errorf("package %s: must be below domicile.continuum, domicile.tenant.TENANT, domicile.owner.PROVIDER, "+
		"domicile.packs.PACK or domicile.lib", strings.TrimPrefix(path.String(), "data."))
	if len(words) < 3 || words[0] != "domicile" || words[2] == "" {
		return side{}, wrong
	}
	switch words[1] {
	case "continuum":
		return side{}, nil
	case "tenant":
		return side{tenant: words[2]}, nil
	case "owner":
		return side{owner: words[2]}, nil
	case "packs":
		return side{pack: words[2]}, nil
	case "lib":
		return side{helper: true}, nil
	}
	return side{}, wrong
}

// verdicts are the names of rules that the engine asks, in the order in which it lists them.
var verdicts = []string{"deny", "prefer", "transit"}

var (
	codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	asOfForm = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$`)
)

// rulesOf returns the module's rules of verdict and notes what is wrong with them.
func rulesOf(m *module, bad *defects) []*rule {
	// Metadata belongs to the statement below it, of which OPA shows the location.
	metadata := map[*ast.Location][]*ast.Annotations{}
	for _, a := range m.ast.Annotations {
		if l := ast.NewAnnotationsRef(a).Location; a.Scope == "rule" {
			metadata[l] = append(metadata[l], a)
		}
	}
	var rules []*rule
	for _, r := range m.ast.Rules {
		head := r.Head.Ref()
		name, ok := head[0].Value.(ast.Var)
		if !ok {
			continue
		}
		if generated.MatchString(string(name)) {
			bad.at(r.Location, "names such as %s are the engine's", name)
			continue
		}
		if !slices.Contains(verdicts, string(name)) {
			checkNoVerdict(r, string(name), metadata[r.Location], bad)
			continue
		}
		switch {
		case m.side.helper:
			bad.at(r.Location, "%s: packages below domicile.lib hold helpers only", name)
			continue
		case len(head) > 1 || r.Default || len(r.Head.Args) > 0 || r.Head.DocKind() != ast.PartialSetDoc:
			bad.at(r.Location, "%s must be written: %s contains {...} if {...}", name, name)
			continue
		case name == "transit" && (m.side.tenant != "" || m.side.owner != ""):
			bad.at(r.Location, "transit speaks for the continuum only: a class of data belongs to no tenant and no site")
			continue
		}
		if x := describe(m, r, string(name), metadata[r.Location], bad); x != nil {
			rules = append(rules, x)
		}
	}
	return rules
}

// checkNoVerdict notes a rule with a code that the engine does not ask: whoever gives it one takes it for a rule of verdict.
func checkNoVerdict(r *ast.Rule, name string, found []*ast.Annotations, bad *defects) {
	for _, a := range found {
		if _, ok := a.Custom["code"]; ok {
			bad.at(r.Location, "METADATA gives %s a code, but only deny, prefer and transit are asked%s", name, suggest(name, verdicts))
			return
		}
	}
}

// describe reads a rule's metadata; nil where there is none.
func describe(m *module, r *ast.Rule, kind string, found []*ast.Annotations, bad *defects) *rule {
	x := &rule{
		Rule:   Rule{Kind: kind, Side: m.side.String(), Location: location(r.Location)},
		side:   m.side,
		module: m,
		source: r,
	}
	if len(found) != 1 {
		bad.at(r.Location, "%s has %d METADATA blocks; it needs one, with a title and a custom code", kind, len(found))
		return nil
	}
	x.Title = strings.TrimSpace(found[0].Title)
	x.Code = customText(found[0], "code", bad)
	x.Basis = customText(found[0], "basis", bad)
	x.AsOf = customText(found[0], "as_of", bad)
	if x.Title == "" {
		bad.at(found[0].Location, "METADATA has no title")
	}
	switch {
	case x.Code == "":
		bad.at(found[0].Location, "METADATA has no custom code")
	case x.Code != unreadable && !codeForm.MatchString(x.Code):
		bad.at(found[0].Location, "code %q: must be letters, digits, '.', '_' and '-', at most 64", x.Code)
	case slices.Contains([]string{codeError, codeExpired, codeUnknown}, x.Code):
		bad.at(found[0].Location, "code %s is the engine's own", x.Code)
	}
	if x.AsOf != "" && x.AsOf != unreadable && !asOfForm.MatchString(x.AsOf) {
		bad.at(found[0].Location, "as_of %q: must be a year, month or day such as 2026-11", x.AsOf)
	}
	return x
}

// unreadable stands for a text of which a defect is noted already.
const unreadable = "?"

func customText(a *ast.Annotations, key string, bad *defects) string {
	v, ok := a.Custom[key]
	if !ok {
		return ""
	}
	text, ok := v.(string)
	if !ok {
		bad.at(a.Location, "METADATA: custom.%s must be text: put it in quotes", key)
		return unreadable
	}
	return strings.TrimSpace(text)
}

// checkConflicts notes complete rules that state two constants: they would fail whenever they are asked.
func checkConflicts(modules []*module, bad *defects) {
	stated := map[string]*ast.Rule{}
	for _, m := range modules {
		for _, r := range m.ast.Rules {
			head := r.Head
			always := len(r.Body) == 1 && r.Body[0].Equal(ast.NewExpr(ast.BooleanTerm(true)))
			if r.Default || !always || r.Else != nil || len(head.Args) > 0 || head.DocKind() != ast.CompleteDoc ||
				head.Value == nil || !ast.IsConstant(head.Value.Value) {
				continue
			}
			name := m.path() + "." + head.Ref().String()
			first, ok := stated[name]
			if !ok {
				stated[name] = r
			} else if !first.Head.Value.Equal(head.Value) {
				bad.at(r.Location, "%s is stated as something else in %s", head.Ref(), location(first.Location))
			}
		}
	}
}

// checkShape notes rules of which the type alone tells that they yield something else than the engine takes.
func checkShape(c *ast.Compiler, x *rule, bad *defects) {
	set, ok := c.TypeEnv.GetByRef(x.ref).(*types.Set)
	if !ok {
		return
	}
	detail, ok := set.Of().(*types.Object)
	switch _, open := set.Of().(types.Any); {
	case set.Of() == nil || open:
		return
	case !ok:
		bad.at(x.source.Location, "%s must contain objects, this rule gives %s", x.Kind, set.Of())
	case x.Kind == "prefer":
		points := detail.Select("points")
		if points == nil {
			bad.at(x.source.Location, `prefer must contain objects with "points"`)
			return
		}
		_, open = points.(types.Any)
		if _, number := points.(types.Number); !open && !number {
			bad.at(x.source.Location, "points must be an integer, this rule gives %s", points)
		}
	}
}
