package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Lint lists what is allowed but worth a second look, in order of location:
//
//   - NO-BASIS, NO-AS-OF: a rule does not say what it rests on, or when that was last checked;
//   - FAIL-OPEN: a deny rule needs a fact that a site or provider may leave unstated, so that it does not hold where the fact
//     is missing; write "not ..." or object.get with a default that denies;
//   - SITE-ID: a rule puts the site's ID in what it yields, which reasons speak of anyway and which makes every site a class
//     of its own;
//   - PER-SITE: a rule sees so much of the site that every site is a class of its own, so that it is asked for each site and class
//     of workloads; the message says where;
//   - PER-PAIR: a rule sees as much of the workload as well, or the whole input, so that it is asked for each pair and nothing
//     that was answered serves again;
//   - UNUSED-TABLE: a table of the caller's own sources is read by no rule.
//
// Tables about to expire are named by [Set.Expired], asked for a later day.
func (s *Set) Lint() []Finding { return slices.Clone(s.lints) }

// lintModules finds what can be seen in the rules as written. It must run before they are compiled.
func lintModules(rules []*rule) []Finding {
	var found []Finding
	for _, r := range rules {
		note := func(l, code, format string, args ...any) {
			found = append(found, Finding{Location: l, Code: code, Message: r.Code + ": " + fmt.Sprintf(format, args...)})
		}
		if r.Basis == "" {
			note(r.Location, "NO-BASIS", "METADATA has no custom basis")
		}
		if r.AsOf == "" {
			note(r.Location, "NO-AS-OF", "METADATA has no custom as_of")
		}
		if r.Kind == "deny" {
			aliases := factAliases(r.source.Body)
			for _, e := range r.source.Body {
				if ref := openFact(e, aliases); ref != nil {
					note(location(e.Location), "FAIL-OPEN", "does not deny where %s is not stated", ref)
				}
			}
			if ref := openTerm(r.source.Head.Key, aliases); ref != nil {
				note(r.Location, "FAIL-OPEN", "does not deny where %s, which it yields, is not stated", ref)
			}
		}
	}
	return found
}

// factAliases returns the variables of a body that are bound to a part of the input.
func factAliases(body ast.Body) map[ast.Var]ast.Ref {
	aliases := map[ast.Var]ast.Ref{}
	for _, e := range body {
		terms, _ := e.Terms.([]*ast.Term)
		if len(terms) != 3 || !terms[0].Equal(equals) && !terms[0].Equal(assigns) {
			continue
		}
		name, isName := terms[1].Value.(ast.Var)
		ref, isRef := terms[2].Value.(ast.Ref)
		if isName && isRef {
			aliases[name] = follow(ref, aliases)
		}
	}
	return aliases
}

// follow puts what a variable is bound to in its place at the head of a reference.
func follow(ref ast.Ref, aliases map[ast.Var]ast.Ref) ast.Ref {
	if name, ok := ref[0].Value.(ast.Var); ok && aliases[name] != nil {
		return slices.Concat(aliases[name], ref[1:])
	}
	return ref
}

// openFact returns a fact of a site or provider that may be absent and that an expression needs to hold; nil where there
// is none.
func openFact(e *ast.Expr, aliases map[ast.Var]ast.Ref) ast.Ref {
	if e.Negated {
		return nil
	}
	if _, ok := e.Terms.(*ast.Not); ok {
		return nil
	}
	return openTerm(e, aliases)
}

// openTerm is openFact for all that is in a term.
func openTerm(t any, aliases map[ast.Var]ast.Ref) (found ast.Ref) {
	if t, ok := t.(*ast.Term); ok && t == nil {
		return nil
	}
	ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
			return true // empty where the fact is absent, not undefined
		case ast.Ref:
			ref := follow(x, aliases)
			keys := constantKeys(ref)
			if ref[0].Equal(ast.InputRootDocument) && len(keys) > 2 && (keys[0] == "site" || keys[0] == "provider") &&
				slices.Contains([]string{"attributes", "labels", "sovereignty"}, keys[1]) && found == nil {
				found = ref
			}
		}
		return false
	}).Walk(t)
	return found
}

// lintFootprints finds what follows from what rules can see.
func (s *Set) lintFootprints() []Finding {
	var found []Finding
	for _, r := range s.rules {
		if r.Kind != "transit" {
			found = append(found, r.lintBroad()...)
		}
	}
	read := s.tablesRead()
	for _, name := range sortedKeys(s.tables) {
		if t := s.tables[name]; !t.library && !slices.Contains(read, name) {
			found = append(found, Finding{Location: t.File, Code: "UNUSED-TABLE", Message: "no rule reads table " + name})
		}
	}
	return found
}

// lintBroad finds what makes every site a class of its own.
func (r *rule) lintBroad() []Finding {
	var found []Finding
	ofWorkload := slices.ContainsFunc(r.reads.inputs, func(p inputPath) bool { return len(p) == 1 && p[0] == "workload" })
	for _, x := range r.reads.broad {
		f := Finding{Location: r.Location, Code: "PER-SITE", Message: fmt.Sprintf("%s: %s is seen in %s, which differs between all sites, "+
			"so that the rule is asked for each site", r.Code, x.path, location(x.at))}
		switch {
		case len(x.path) == 0:
			f.Code = "PER-PAIR"
			f.Message = fmt.Sprintf("%s: the whole input is seen in %s, so that the rule is asked for each pair", r.Code, location(x.at))
		case mentionsID(r.source.Head.Key):
			f.Code, f.Message = "SITE-ID", r.Code+": yields input.site.id, which every reason is known to speak of"
		case ofWorkload:
			f.Code = "PER-PAIR"
			f.Message = fmt.Sprintf("%s: %s is seen in %s, and the whole workload, so that the rule is asked for each pair", r.Code, x.path, location(x.at))
		}
		found = append(found, f)
	}
	return found
}

// mentionsID says whether a term contains the site's ID.
func mentionsID(t *ast.Term) bool {
	found := false
	ast.WalkRefs(t, func(r ast.Ref) bool {
		found = found || strings.HasPrefix(r.String(), "input.site.id")
		return found
	})
	return found
}

func sortFindings(found []Finding) {
	slices.SortStableFunc(found, func(a, b Finding) int {
		fileA, lineA := splitPlace(a.Location)
		fileB, lineB := splitPlace(b.Location)
		return cmp.Or(cmp.Compare(fileA, fileB), cmp.Compare(lineA, lineB), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
}

// splitPlace takes a location apart; the line is 0 for a whole file.
func splitPlace(l string) (file string, line int) {
	if i := strings.LastIndexByte(l, ':'); i >= 0 {
		if n, err := strconv.Atoi(l[i+1:]); err == nil {
			return l[:i], n
		}
	}
	return l, 0
}
