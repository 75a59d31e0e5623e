package policy

import (
	"fmt"
	"strings"
)

// condition writes what a rule asks; so deep may conditions stand in one another.
func (g *writer) condition(depth int) []string {
	if g.r.IntN(4) == 0 {
		return g.classic()
	}
	p := g.base(g.r.IntN(3))
	if g.r.IntN(4) == 0 {
		return append(p.pre, g.use(p, depth)...)
	}
	pre, x := g.way(p)
	return append(pre, g.use(part{expr: x, rest: p.rest, full: p.full, free: p.free}, depth)...)
}

// use asks about what stands at the end of a part.
func (g *writer) use(p part, depth int) []string {
	e, l := ref(p.expr, p.rest), g.literal(p.full)
	if depth > 0 && g.r.IntN(3) == 0 {
		return g.closure(p, depth)
	}
	if g.r.IntN(6) == 0 {
		return []string{g.line(e, l) + g.with()}
	}
	if !p.free {
		return []string{g.fill(pick(g.r, `E == L`, `not E == L`, `E != L`, `not E`, `E in [L, L]`, `sprintf("%v", [E]) == sprintf("%v", [L])`, `json.marshal(E) == json.marshal(L)`,
			`count([1 | E == L]) == 1`, `$"{E}" == $"{L}"`), "E", e, "L", l)}
	}
	guard := []string(nil)
	if len(p.full)-len(p.rest) > 2 && g.r.IntN(8) > 0 { // anything may stand there
		guard = []string{"is_object(" + p.expr + ")"}
	}
	if len(p.rest) > 0 && g.r.IntN(3) == 0 {
		return append(guard, g.object(p, l))
	}
	return []string{g.line(e, l)}
}

// line is a condition in one line.
func (g *writer) line(e, l string) string {
	other, _ := g.leaf()
	return g.fill(pick(g.r,
		`E == L`, `E == L`, `not E == L`, `not E`, `not E`, `not E`, `E`, `E != L`, `is_object(E)`, `not is_string(E)`, `is_number(E)`, `not is_boolean(E)`,
		`type_name(E) == "string"`, `not type_name(E) == "object"`,
		`count([1 | E == L]) == 1`, `count([1 | E]) == 0`, `{1 | not E} == {1}`, `count({E | true}) == 1`, `count({k: E | k := 1}) == 1`,
		`sprintf("%v", [E]) == "x"`, `json.marshal(E) == "\"x\""`, `contains(sprintf("%v", [E]), "x")`, `$"{E}" == "x"`,
		`E in {L, "y"}`, `not E in [L]`, `every v in [E] { v == L }`, `every v in [1] { not E == v }`, `every k, v in {"k": E} { v != k }`,
		`E == OTHER`, `not E == OTHER`, `{E: 1}[L]`, `[E, 1] == [L, 1]`, `{"k": E} == {"k": L}`,
		`data.domicile.lib.h.is_it(E, L)`, `not data.domicile.lib.h.is_it(L, E)`, `data.domicile.lib.h.site_has(E)`, `not data.domicile.lib.h.also_has(E)`,
		`data.domicile.lib.h.by_kind[E]`, `not data.domicile.lib.h.reach[E]`, `data.domicile.lib.h.by_fact[E]`, `count(data.domicile.lib.h.by_fact) == 1`,
		`data.domicile.lib.h.by_path[E]`, `data.domicile.lib.d[E]`, `not data.domicile.lib.d[E]`,
		`data.domicile.tables.t.values[E]`, `not data.domicile.tables[E]`, `data.domicile.tables.t[E]`, `E in data.domicile.tables.t.values.list`,
		`input.site.attributes[E]`, `not input.site[E]`,
		`data.domicile.lib.h.everywhere({"k": E})`, `not data.domicile.lib.h.same(E) == L`,
	), "E", e, "L", l, "OTHER", ref("input", other))
}

// object is a condition on an object, by one of the builtins that take one.
func (g *writer) object(p part, l string) string {
	k := strings.ReplaceAll(p.rest[0], "\x00", `\u0000`)
	return g.fill(pick(g.r,
		`object.get(X, [KEYS], L) == L`, `not object.get(X, [KEYS], L) == "x"`, `object.get(X, "K", L) == L`,
		`object.get(X, {"k": "K"}.k, L) == L`, `object.get(X, [], L) == L`,
		`object.union(X, {"K": L}) == X`, `object.union({"K": L}, X).K2 == L`, `object.union_n([{"z": 1}, X]).K2 == L`,
		`object.remove(X, ["K"]) == X`, `not object.remove(X, {"B"}) == X`, `object.filter(X, ["K"]) == {"K": L}`, `object.filter(X, {"K"}) == {}`,
		`object.subset(X, {"K": L})`, `not object.subset({"K": L}, X)`, `"K" in object.keys(X)`,
		`json.filter(X, ["PATH"]) == {}`, `json.remove(X, ["PATH"]) == X`, `json.filter(X, [["K"]]).K2 == L`,
		`json.patch(X, [{"op": "add", "path": "/K", "value": L}]) == X`,
		`walk(X, [[KEYS], L])`, `walk(X, [[KEYS], _])`, `count([1 | walk(X, [_, L])]) == 1`, `contains(json.marshal(X), "deep")`, `contains(sprintf("%v", [X]), "x")`,
		`count([1 | X[_] == L]) == 1`, `"K" in [k | X[k]]`, `some k, v in X; k == "K"; v == L`, `{k | some k; X[k]} == {"K"}`, `count(X) == 1`,
		`X == object.union(X, {})`, `is_object(X)`,
	), "X", p.expr, "KEYS", inQuotes(p.rest), "K", k, "K2", k, "PATH", strings.ReplaceAll(strings.Join(p.rest, "/"), "\x00", `\u0000`), "L", l)
}

// closure puts a condition into a comprehension, every, a function or a loop of its own.
func (g *writer) closure(p part, depth int) []string {
	inner := func() string { return strings.Join(g.use(p, depth-1), "; ") }
	switch g.r.IntN(8) {
	case 7: // a function that compares its argument with what it sees by itself
		f := g.name("f")
		other, _ := g.leaf()
		fmt.Fprintf(&g.funcs, "\n%s(o) if o == %s\n", f, ref("input", other))
		return append(g.use(p, depth-1), fmt.Sprintf("%s(%s)", f, g.literal(other)))
	case 0:
		return []string{fmt.Sprintf("count([1 | %s]) == %d", inner(), g.r.IntN(2))}
	case 1:
		return []string{fmt.Sprintf("%s == set()", "{1 | "+inner()+"}")}
	case 2:
		x := g.name("x")
		in := strings.Join(g.use(part{expr: x, rest: p.rest, full: p.full, free: p.free}, depth-1), "; ")
		return []string{fmt.Sprintf("every %s in [%s] { %s }", x, p.expr, in)}
	default:
		return []string{g.call(p, depth)}
	}
}

// call writes a function that has a condition for its body, and calls it.
func (g *writer) call(p part, depth int) string {
	f, o := g.name("f"), "o"
	if g.r.IntN(2) == 0 { // by another name at first
		o = "q"
	}
	body := func() string {
		in := g.use(part{expr: o, rest: p.rest, full: p.full, free: p.free}, depth-1)
		if o == "q" {
			in = append([]string{"q := o"}, in...)
		}
		return strings.Join(in, "\n\t")
	}
	call := fmt.Sprintf("%s(%s)", f, p.expr)
	switch kind := g.r.IntN(6); kind {
	case 0:
		fmt.Fprintf(&g.funcs, "\n%s(o) if {\n\t%s\n}\n", f, body())
	case 1:
		fmt.Fprintf(&g.funcs, "\n%s(o) if {\n\t%s\n} else := false if {\n\t%s\n}\n", f, body(), body())
	case 2:
		fmt.Fprintf(&g.funcs, "\n%s(o) if {\n\t%s\n}\n\n%s(o) if {\n\t%s\n}\n", f, body(), f, body())
	case 3:
		fmt.Fprintf(&g.funcs, "\ndefault %s(_) := false\n\n%s(o) if {\n\t%s\n}\n", f, f, body())
	case 4: // the argument comes second
		fmt.Fprintf(&g.funcs, "\n%s(l, o) if {\n\t%s\n\tl == %s\n}\n", f, body(), ref("o", p.rest))
		call = fmt.Sprintf("%s(%s, %s)", f, g.literal(p.full), p.expr)
	default: // compared with what is not an argument
		other, _ := g.leaf()
		fmt.Fprintf(&g.funcs, "\n%s(o) if {\n\t%s\n}\n\n%s(o) if o == %s\n", f, body(), f, ref("input", other))
	}
	if g.r.IntN(3) == 0 {
		call = "not " + call
	}
	if g.r.IntN(4) == 0 {
		call += g.with()
	}
	return call
}

// with replaces a part of the input or of data for one condition.
func (g *writer) with() string {
	full, _ := g.leaf()
	return g.fill(pick(g.r,
		` with input.OF.attributes.KEY as LIT`, ` with input.OF.attributes.KEY.deep as LIT`, ` with input.OF.attributes.KEY.deep.er as E`,
		` with input.OF.attributes as {"KEY": LIT}`, ` with input.OF.attributes as input.OTHER.attributes`, ` with input.OF as input.OTHER`,
		` with input as {"OF": input.OTHER}`, ` with input.OF.attributes.KEY as E`, ` with input.OF.attributes.A as input.OF.attributes.B with input.OF.attributes.B as LIT`,
		` with data.domicile.tables.t.values as {"x": E}`, ` with data.domicile.lib.h.chosen as "C"`, ` with data.domicile.lib.h.everything as {"site": input.OTHER}`,
		` with data.domicile.lib.h.same as data.domicile.lib.h.fallback`, ` with data.domicile.lib.h.same as LIT`, ` with input.OF.labels.zone as "x"`, ` with input.date as "2026-11-24"`,
		` with data.domicile.lib.h.reach as {"x", LIT}`,
	), "OF", g.part(), "OTHER", g.part(), "KEY", pick(g.r, "A", "B", "C"), "LIT", g.literal([]string{"A"}), "E", ref("input", full))
}

func (g *writer) part() string { return pick(g.r, "site", "provider", "workload") }

// classic writes one of the conditions in which analyses are known to have gone wrong.
func (g *writer) classic() []string {
	x, of, key := g.name("x"), g.part(), pick(g.r, "A", "B", "C")
	lines := strings.NewReplacer("X", x, "PATH", "input."+of+".attributes."+key, "OF", of, "KEY", key, "LIT", g.literal([]string{"A"}), "H.", "data.domicile.lib.h.").Replace(pick(g.r,
		"X := input.OF\n\tnot X.attributes.KEY",
		"X := PATH\n\tnot X.deep",
		"X := PATH\n\tX != LIT",
		"X := PATH with PATH as input.workload.attributes.KEY\n\tnot X.deep",
		"X := input\n\tnot X.OF.attributes.KEY.deep",
		`H.of(input.OF, "KEY") == LIT`,
		`not H.of(input.OF, "KEY")`,
		`H.deeper(input.OF)`,
		`not H.deeper(input.OF)`,
		`H.bare(input.OF, input.site)`,
		`not H.bare(input.provider, input.OF)`,
		"X := input.OF\n\tH.through(X)",
		"X := PATH\n\tnot is_string(X)",
		"X := input.OF.attributes\n\tobject.get(X, \"KEY\", LIT) == LIT",
		`object.get(input, ["OF", "attributes", "KEY", "deep"], LIT) == LIT`,
		"is_object(PATH)\n\tobject.get(PATH, \"deep\", LIT) == LIT",
		`H.plain with input.site.attributes as {"C": LIT}`,
		`not H.deep with input.site.attributes.C.deep as input.site.city`,
		`H.deeper(input.OF) with input.OF.attributes.A.deep.er as LIT`,
		`not H.bare(input.site, input.OF) with input.site as input.OF`,
		`H.stated with input.provider as input.site with input.workload.attributes.A as LIT`,
		`count([1 | X := PATH; not X.deep]) == 1`,
		"some X in [LIT]\n\tX == PATH",
		`H.either(input.OF) == LIT`,
		`not H.either(input.OF)`,
		`H.stated`, `not H.stated`, `not H.plain`, `H.mocked`, `not H.mocked`, `H.nested`, `not H.nested`, `H.whole_mock`, `H.tabled`, `not H.table_mock`,
		`H.mocked_deeper(input.OF)`, `not H.mocked_deeper(input.provider)`,
		`count(H.reach) == 0`,
		`some X in H.reach`,
		`H.by_kind.vm`,
		`not H.by_kind[input.workload.kind]`,
		"some X\n\tinput.OF[X].KEY == LIT",
		"X := \"attributes\"\n\tnot input.OF[X].KEY",
		"some X\n\twalk(input.OF.attributes, [X, LIT])",
		"some X, _ in input.OF.attributes\n\tX == \"KEY\"",
		`every X in input.site.runtimes { X != input.workload.kind }`,
		`not H.plain with input.site.attributes.C as input.OF.attributes.KEY`,
		`H.of({"attributes": {"KEY": 1}}, "KEY") == 1`,
		`H.members == {"vm"}`,
		`input.site.city == input.site.attributes.KEY`,
		`H.clauses(input.OF) == 1`, `H.clauses(input.OF) == 2`, `not H.clauses(input.OF)`,
		`H.fallback(input.OF) == LIT`, `H.inner({"attributes": input.OF.attributes}) == LIT`, `not H.inner({"attributes": input.OF.attributes})`,
		`H.everything.OF.attributes.KEY == LIT`, `not H.everything.OF.attributes.KEY`, `H.everywhere(input)`, `not H.everywhere(input.OF)`,
		"some X\n\tinput[X].attributes.KEY == LIT", "X := input[_]\n\tnot X.attributes.KEY == LIT", `walk(input, [["OF", "attributes", "KEY"], LIT])`,
		"[X, _] := [input.site, input.workload]\n\tnot X.attributes.KEY", "{\"a\": X} := {\"a\": input.OF}\n\tnot X.attributes.KEY.deep",
		`H.site_has(LIT)`, `not H.site_has(LIT)`, `H.site_has(PATH)`, `H.also_has(LIT)`, `not H.also_has("x")`,
		`H.by_path.site.x == input.workload.data`, `H.by_path[H.chosen]`, `data.domicile.lib.d[H.chosen]`,
		"X := data.domicile.lib.d\n\tX.A", "X := H.everything\n\tnot X.OF.attributes.KEY", `PATH == false`, `PATH == null`, `PATH == ""`, `PATH == 1`,
	))
	return strings.Split(lines, "\n\t")
}
