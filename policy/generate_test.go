package policy

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing/fstest"
)

// policyText is a generated policy: rules in packages of their own, so that plain Rego can be asked for each, and helpers and tables
// for all.
type policyText struct {
	modules map[string]string
	below   []string // what newReference shall ask
}

// files lays a policy out as a source.
func (w policyText) files() fstest.MapFS {
	files := w.tables()
	for name, text := range w.modules {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// tables are those of the policy.
func (w policyText) tables() fstest.MapFS {
	return fstest.MapFS{"t.yaml": {Data: []byte(generatedTable)}}
}

func (w policyText) String() string {
	var b strings.Builder
	for _, name := range sortedKeys(w.modules) {
		if own := strings.TrimPrefix(strings.TrimPrefix(w.modules[name], generatedHelpers), generatedDynamic); own != "" {
			fmt.Fprintf(&b, "--- %s\n%s\n", name, own)
		}
	}
	return b.String()
}

const generatedTable = `apiVersion: domicile.eu/v1alpha1
kind: PolicyTable
name: t
asOf: 2026-01-01
source: made up
validUntil: 2099-01-01
values: {x: 1, vm: true, A: x, B: {deep: true}, list: [x, A, 1], DE: [vm]}
`

// generatedHelpers are what generated rules refer to.
const generatedHelpers = `package domicile.lib.h

of(o, k) := o.attributes[k]

either(o) := v if {
	v := o.attributes.A
} else := o.attributes.B

default stated := false

stated if input.provider.attributes.A == input.workload.attributes.A

reach contains input.site.attributes[input.workload.attributes.B]

deeper(o) if o.attributes.A.deep

bare(o, p) if {
	x := o.attributes
	not x.A
	p.attributes.B
} else if not o.attributes.C.deep

through(o) if bare(o, input.workload)

plain if input.site.attributes.C

deep if input.site.attributes.C.deep

members := {m | some m in input.site.runtimes}

by_kind[input.workload.kind] := input.site.attributes.A

same(o) := o

first([x, _]) := x

inner({"attributes": {"A": x}}) := x

is_it(o, p) if o == p

site_has(v) if v == input.site.attributes.A

also_has(v) if {
	v == input.workload.attributes.B
} else if v == input.provider.attributes.C

clauses(o) := 1 if o.attributes.A == "x"

clauses(o) := 2 if {
	o.attributes.A != "x"
	not o.attributes.B
}

default fallback(_) := "none"

fallback(o) := o.attributes.C

default chosen := "A"

chosen := "B" if input.workload.attributes.C == true

chosen := "C" if not input.site.attributes.A

everything := input

everywhere(o) if walk(o, [_, "x"])

mocked if plain with input.site as input.provider

mocked_deeper(o) if deeper(o) with input.site.attributes.A.deep as o.attributes.B

nested if mocked with input.provider.attributes as input.workload.attributes

whole_mock if stated with input as {"provider": input.site, "workload": input.provider}

tabled if data.domicile.tables.t.values[input.site.attributes.A]

table_mock if tabled with data.domicile.tables.t.values as {"x": input.workload.attributes.B}

pts(list) := n if {
	some n in list
	is_number(n)
} else := 3

by_fact[k] contains v if some k, v in input.site.attributes

by_path.site[input.site.city] := input.workload.data

by_path.provider := input.provider.country
`

// generatedDynamic is referred to by keys that are not constant.
const generatedDynamic = `package domicile.lib.d

x if input.site.attributes.B

vm := input.workload.attributes.A

A := input.provider.attributes.A

B.deep := input.site.city

C contains input.site.attributes.A
`

// refused matches what the engine says of a rule that it does not take.
var refused = regexp.MustCompile(`\bg/(g[0-9]+\.rego):`)

// without leaves out the rules that an error is about; ok is false where there are none.
func (w policyText) without(err error) (ok bool) {
	for _, m := range refused.FindAllStringSubmatch(err.Error(), -1) {
		ok = true
		delete(w.modules, m[1])
	}
	return ok
}

// writer writes rules.
type writer struct {
	r     *rand.Rand
	n     int             // names so far
	funcs strings.Builder // of the rule at hand
}

func (g *writer) name(prefix string) string { g.n++; return fmt.Sprint(prefix, g.n) }

// generate writes a policy of a number of rules, most of them the continuum's.
func generate(r *rand.Rand, rules int) policyText {
	g := &writer{r: r}
	out := policyText{modules: map[string]string{}, below: []string{"continuum", "tenant.t", "owner.p1"}}
	for _, side := range out.below[1:] {
		g.rule(out, side, len(out.modules))
	}
	for len(out.modules) < rules {
		g.rule(out, "continuum", len(out.modules))
	}
	out.modules["dynamic.rego"] = generatedDynamic
	out.modules["lib.rego"] = generatedHelpers
	return out
}

// rule writes a rule in a package of its own.
func (g *writer) rule(out policyText, side string, n int) {
	g.funcs.Reset()
	var body []string
	yields := g.value()
	if g.r.IntN(3) == 0 { // what it yields comes from the body
		pre, x := g.way(g.base(0))
		body, yields = append(body, pre...), x
	}
	for range 1 + g.r.IntN(2) {
		body = append(body, g.condition(2)...)
	}
	head := fmt.Sprintf(`deny contains {"n": %d, "v": %s}`, n, yields)
	if g.r.IntN(2) == 0 {
		head = fmt.Sprintf(`prefer contains {"points": %s, "because": [%d, %s]}`, g.points(n), n, yields)
	}
	out.modules[fmt.Sprintf("g%02d.rego", n)] = fmt.Sprintf("package domicile.%s.g%02d\n\n# METADATA\n# title: t\n# custom: {code: R-%d, basis: b, as_of: \"2026\"}\n%s if {\n\t%s\n}\n%s",
		side, n, n, head, strings.Join(body, "\n\t"), g.funcs.String())
}

// points writes how many points a rule gives.
func (g *writer) points(n int) string {
	full, _ := g.leaf()
	return g.fill(pick(g.r, `NUM`, `count([1 | E == L])`, `data.domicile.lib.h.pts([v | v := E])`, `count({k | input.site.attributes[k]})`),
		"NUM", fmt.Sprint(n), "E", ref("input", full), "L", g.literal(full))
}

// value writes an expression for a head that is never undefined.
func (g *writer) value() string {
	full, _ := g.leaf()
	return g.fill(pick(g.r, `1`, `object.get(input.site.attributes, "A", "none")`, `object.get(input.workload, ["attributes", "B"], "none")`,
		`[v | v := E]`, `[v | v := E]`, `{k | input.site.attributes[k]}`, `input.date`, `object.get(input, ["site", "attributes", "C"], 0)`,
		`sprintf("%v", [[v | v := E]])`, `json.marshal([v | v := E])`, `data.domicile.lib.h.fallback(input.provider)`, `data.domicile.lib.h.chosen`,
		`data.domicile.lib.h.stated`, `{"m": [m | some m in data.domicile.lib.h.members]}`, `input.workload.labels`, `{x | some x in [y | y := E]}`,
		`{k: v | some k, v in input.provider.attributes}`, `$"{E}!"`, `input.site.certifications`,
		`object.union({"z": 1}, input.provider.attributes)`), "E", ref("input", full))
}

// fill puts texts in the place of words; those of one letter stand alone.
func (g *writer) fill(template string, pairs ...string) string {
	var all []string
	for k := 0; k < len(pairs); k += 2 {
		all = append(all, "‹"+pairs[k]+"›", pairs[k+1])
		template = wordsOf(template, pairs[k])
	}
	return strings.NewReplacer(all...).Replace(template)
}

// wordsOf marks a word wherever it stands alone.
func wordsOf(template, word string) string {
	letter := func(i int) bool {
		return i >= 0 && i < len(template) && (template[i] == '_' || template[i] >= '0' && template[i] <= '9' || template[i] >= 'A' && template[i] <= 'Z' || template[i] >= 'a' && template[i] <= 'z')
	}
	var b strings.Builder
	for i := 0; i < len(template); {
		if strings.HasPrefix(template[i:], word) && !letter(i-1) && !letter(i+len(word)) {
			b.WriteString("‹" + word + "›")
			i += len(word)
			continue
		}
		b.WriteByte(template[i])
		i++
	}
	return b.String()
}

// leaf chooses a path in the input, and says whether anything may stand there.
func (g *writer) leaf() (path []string, free bool) {
	of := pick(g.r, "site", "site", "provider", "workload")
	if g.r.IntN(4) > 0 {
		path = []string{of, "attributes", pick(g.r, "A", "A", "B", "C", "A\x00deep")}
		if g.r.IntN(5) < 2 {
			path = append(path, "deep")
			if g.r.IntN(4) == 0 {
				path = append(path, "er")
			}
		}
		return path, true
	}
	return strings.Split(pick(g.r, "site.city", "site.country", "site.labels.zone", "site.energy.intensity", "site.certifications", "site.runtimes",
		"site.id", "site.tier", "provider.id", "provider.country", "provider.control", "provider.sovereignty.SOV-1", "provider.ownersKnown",
		"workload.kind", "workload.data", "workload.tenant", "workload.priority", "workload.demand.cpu", "workload.demand.gpu", "workload.labels.zone",
		"workload.tiers", "date", "site.labels", "workload.demand"), "."), false
}

// literal writes a constant of the type that stands at a path.
func (g *writer) literal(path []string) string {
	switch path[len(path)-1] {
	case "city":
		return pick(g.r, `"x"`, `"y"`)
	case "country":
		return pick(g.r, `"DE"`, `"FR"`)
	case "zone", "data":
		return pick(g.r, `"x"`, `""`, `"A"`)
	case "intensity", "priority", "cpu", "gpu", "ownersKnown", "SOV-1":
		return pick(g.r, `1`, `0`, `2`, `1.0`)
	case "certifications":
		return pick(g.r, `[]`, `[{"scheme": "X", "level": "1"}]`)
	case "runtimes":
		return `["vm"]`
	case "tiers":
		return pick(g.r, `[]`, `["edge"]`)
	case "control":
		return `[]`
	case "id":
		return pick(g.r, `"p1"`, `"s00"`)
	case "kind", "tenant", "tier":
		return pick(g.r, `"vm"`, `"machine"`, `"t"`, `"edge"`)
	case "date":
		return pick(g.r, `"2026-11-23"`, `"2026-11-24"`)
	case "labels":
		return pick(g.r, `{}`, `{"zone": "x"}`)
	case "demand":
		return pick(g.r, `{}`, `{"cpu": 1}`)
	}
	return pick(g.r, `true`, `false`, `"x"`, `"vm"`, `"A"`, `1`, `1.0`, `0`, `1.5`, `null`, `""`, `{}`, `[]`, `{"deep": true}`, `["x"]`)
}

// ref writes a reference: a variable or input, and keys.
func ref(base string, keys []string) string {
	var b strings.Builder
	b.WriteString(base)
	for _, k := range keys {
		if strings.ContainsAny(k, "-\x00") {
			fmt.Fprintf(&b, `["%s"]`, strings.ReplaceAll(k, "\x00", `\u0000`))
		} else {
			b.WriteString("." + k)
		}
	}
	return b.String()
}

// inQuotes writes keys as a list of texts, in Rego.
func inQuotes(keys []string) string {
	var list []string
	for _, k := range keys {
		list = append(list, `"`+strings.ReplaceAll(k, "\x00", `\u0000`)+`"`)
	}
	return strings.Join(list, ", ")
}

// part is an expression, and the keys that lead from it to a leaf.
type part struct {
	pre  []string // conditions that bind what the expression uses
	expr string
	rest []string
	full []string
	free bool
}

// base cuts a path in two. Some of the keys before the cut are not constant. At least so many stay behind the cut, if there are.
func (g *writer) base(behind int) part {
	full, free := g.leaf()
	cut := g.r.IntN(max(1, len(full)-behind+1))
	p := part{expr: "input", rest: full[cut:], full: full, free: free}
	for n, k := range full[:cut] {
		text := inQuotes([]string{k})
		key := "[" + text + "]"
		if kind := g.r.IntN(16); kind < 3 && free {
			x := g.name("k")
			other := pick(g.r, `"B"`, `"labels"`, `"provider"`, text)
			p.pre = append(p.pre, g.fill(pick(g.r, "X := K", "some X in [K, O]", "some X, _ in {K: 1, O: 2}"), "X", x, "K", text, "O", other))
			key = "[" + x + "]"
		} else if kind == 3 && n == 2 {
			key = "[data.domicile.lib.h.chosen]"
		} else if kind > 7 && !strings.ContainsAny(k, "-\x00") {
			key = "." + k
		}
		p.expr += key
	}
	if g.r.IntN(12) == 0 && strings.HasPrefix(p.expr, "input.") {
		p.expr = "data.domicile.lib.h.everything." + p.expr[len("input."):]
	}
	return p
}

// way binds a variable to an expression.
func (g *writer) way(p part) (pre []string, x string) {
	x = g.name("x")
	y := g.name("y")
	other, _ := g.leaf()
	lines := g.fill(pick(g.r,
		"X := E", "X := E", "X := E", "X := E", "X := E", "X := E", "X := E", "X := E",
		"Y := E\nX := Y", "Y := E\nX := Y", "Y := E\nX := Y",
		"[X, _] := [E, 1]",
		"[_, X] := [1, E]",
		`{"k": X, "l": _} := {"k": E, "l": 1}`,
		"some X in [E]",
		"some X in {E}",
		`some _, X in {"k": E}`,
		"some X\nX = E",
		"some X\n[X] = [E]",
		"some Y in [E, OTHER]\nX := Y",
		"X := data.domicile.lib.h.same(E)",
		"X := data.domicile.lib.h.first([E, 1])",
		"data.domicile.lib.h.same(E, X)",
		"X := [y | y := E][0]",
		"some X in {y | y := E}",
		"Y := {k: y | some k, y in {1: E}}\nX := Y[1]",
		`Y := {"k": E}`+"\nX := Y.k",
		`X := object.union({"z": 1}, {"k": E}).k`,
		`walk({"k": E}, [["k"], X])`,
		`X := object.get({"k": E}, "k", 1)`,
		`X := object.get({"j": 1}, "k", E)`,
		`X := json.patch({"j": 1}, [{"op": "add", "path": "/k", "value": E}]).k`,
		`X := object.remove({"k": E, "l": 1}, ["l"]).k`,
		"X := array.concat([E], [1])[0]",
		"X := json.unmarshal(json.marshal(E))",
	), "X", x, "Y", y, "E", p.expr, "OTHER", ref("input", other))
	return append(p.pre, strings.Split(lines, "\n")...), x
}
