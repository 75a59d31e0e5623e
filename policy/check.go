package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/domicile-eu/domicile/internal/document"
)

// checkReferences notes references to data that lead nowhere. In Rego they are merely undefined, so that a deny rule
// with a misspelt table would never deny.
func checkReferences(r *reader, tables map[string]*table, bad *defects) {
	for _, file := range sortedKeys(r.compiler.Modules) {
		for _, rule := range r.compiler.Modules[file].Rules {
			for _, ref := range r.mentions(call{rule: rule}).data {
				l := cmp.Or(ref[0].Location, rule.Location)
				keys := constantKeys(ref)
				if len(keys) >= len(tablesPath) && reaches(keys) {
					checkTable(keys[len(tablesPath):], tables, l, bad)
				} else if len(keys) > 0 && len(r.rulesAt(ref)) == 0 && !leadsToTables(keys) {
					bad.at(l, "%s names no rule and no table", strings.TrimSuffix(ref.GroundPrefix().String(), "."))
				}
			}
		}
	}
}

// leadsToTables says whether the tables stand below these keys.
func leadsToTables(keys []string) bool { return len(keys) < len(tablesPath) && reaches(keys) }

// tableKeys are what a table shows to rules.
var tableKeys = []string{"asOf", "source", "validUntil", "values"}

// checkTable notes a constant path below the tables of which the table, one of its four keys or the first key of its values
// does not exist.
func checkTable(keys []string, tables map[string]*table, l *ast.Location, bad *defects) {
	if len(keys) == 0 {
		return
	}
	t, ok := tables[keys[0]]
	switch {
	case !ok:
		bad.at(l, "there is no table %q%s", keys[0], suggest(keys[0], sortedKeys(tables)))
	case len(keys) > 1 && !slices.Contains(tableKeys, keys[1]):
		bad.at(l, "table %s shows asOf, source, validUntil and values, not %q", keys[0], keys[1])
	case len(keys) > 2 && keys[1] == "values":
		values := t.values
		if _, ok := values[keys[2]]; !ok {
			bad.at(l, "table %s (%s) has no %q in its values%s", keys[0], t.File, keys[2], suggest(keys[2], sortedKeys(values)))
		}
	}
}

// suggest names the known word that was meant, if one is near.
func suggest(word string, known []string) string {
	if near := document.Nearest(word, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// transitInputs are the keys of the input that only transit rules have, admissionInputs those that only the others have.
var (
	transitInputs   = []string{"data", "jurisdiction", "operator"}
	admissionInputs = []string{"provider", "site", "workload"}
)

// checkInputs notes rules that read what their kind is never given.
func checkInputs(x *rule, bad *defects) {
	absent := transitInputs
	if x.Kind == "transit" {
		absent = admissionInputs
	}
	for _, p := range slices.Concat(x.reads.inputs, x.reads.kinds) {
		if !x.reads.whole && slices.Contains(absent, p[0]) {
			bad.at(x.source.Location, "%s reads input.%s, which a %s rule is never given", x.Code, p[0], x.Kind)
		}
	}
}

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
