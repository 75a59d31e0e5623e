package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// traps are ways in which a footprint, or OPA, is known to go wrong: conditions, and helper rules after a line.
var traps = []struct{ name, text string }{
	{"definedness of an alias", "x := input.site.attributes.A\n\tnot x.deep"}, // OPA's dependencies.Base leaves out A
	{"definedness of an alias of an alias", "x := input.site\n\ty := x.attributes.A\n\tz := y\n\tnot z.deep.er"},
	{"definedness seen by a comprehension", "count([1 | x := input.site.attributes.A; not x.deep]) == 1"},
	{"a comparison of two that calls gave", "json.marshal(input.site.attributes.A, x)\n\tjson.marshal(input.workload.attributes.A, y)\n\tx == y"},
	{"what a call gave compared with the input", "x := lower(input.workload.data)\n\tx == input.site.attributes.A"},
	{"input as a whole", "contains(json.marshal(input), `\"A\":\"x\"`)"},
	{"input given to a function", "f(input)\n---\nf(i) if i.site.attributes.A == i.workload.attributes.A"},
	{"input given on", "f(input)\n---\nf(i) if g(i.site)\n\ng(s) if not s.attributes.A.deep"},
	{"walk of the input", `walk(input, [["site", "attributes", "A"], "x"])`},
	{"walk of a part", `x := input.site` + "\n\t" + `walk(x, [_, 1.5])`},
	{"a key of the input that is chosen", "some x\n\tinput[x].attributes.A == \"x\""},
	{"a key of the site that is chosen", "some x in [\"attributes\", \"labels\"]\n\tinput.site[x].A == \"x\""},
	{"a key that a rule gives", "input.site.attributes[k] == \"x\"\n---\nk := \"A\" if input.workload.attributes.A\n\nk := \"B\" if not input.workload.attributes.A"},
	{"a table by the site", "data.domicile.tables.t.values[input.site.attributes.A]"},
	{"a table that the site names", "data.domicile.tables[input.site.attributes.B].values.x == 1\n---\nother := 1"},
	{"the site's ID in a table", "not input.site.id in data.domicile.tables.t.values.list\n\tinput.site.id != \"s00\""},
	{"an argument compared with the input", "f(\"x\")\n---\nf(v) if v == input.site.attributes.A"},
	{"an argument compared with the input in else", "f(\"x\")\n---\nf(v) if {\n\tv == \"y\"\n} else if v == input.site.attributes.A"},
	{"an argument that is unified", "f(input.workload.attributes[\"A\"], \"x\")\n---\nf(p, q) if {\n\tp = input.site.attributes.A\n\tq = input.provider.attributes.B\n}\n\nf(p, q) if p == q"},
	{"an argument given twice", "f(input.site.attributes.A, input.site.attributes.A)\n---\nf(p, q) if p == q.deep\n\nf(p, q) if {\n\tp == q\n\tp == input.workload.attributes.A\n}"},
	{"one function for two", "f(input.site)\n\tnot f(input.provider)\n---\nf(o) if not o.attributes.A.deep"},
	{"a function without this argument's key", "not f(input.site)\n---\nf(o) if o.attributes.A.deep == true"},
	{"a pattern for an argument", "f([input.site.attributes.A, 1])\n---\nf([v, _]) if v == input.workload.attributes.A"},
	{"several clauses and else", "f(input.site) == 3\n---\nf(o) := 1 if o.attributes.A == true\n\nelse := 2 if o.attributes.B\n\nelse := 3 if not o.attributes.C"},
	{"a default of a function", "f(input.site) == \"none\"\n---\ndefault f(_) := \"none\"\n\nf(o) := o.attributes.A"},
	{"a default of a rule", "not stated\n---\ndefault stated := false\n\nstated if input.site.attributes.A == \"x\""},
	{"destructuring", "[s, w] := [input.site, input.workload]\n\tnot s.attributes.A == w.attributes.A"},
	{"destructuring of objects", "{\"s\": s} := {\"s\": input.site}\n\tnot s.attributes.A.deep"},
	{"a member", "some s in [input.site]\n\tnot s.attributes.A.deep"},
	{"every", "every s in [input.site, input.provider] { not s.attributes.A.deep }"},
	{"every over the input", "every v in input.site.attributes { v != \"x\" }"},
	{"the head of a comprehension", "{s.attributes | s := input.site} == {input.workload.attributes}"},
	{"objects keyed by the input", "{input.site.attributes.A: 1}[input.workload.attributes.A]"},
	{"with above what may be absent", "h with input.site.attributes.A.deep as true\n---\nh if input.site.attributes.A.B"},
	{"with from the input", "h with input.site.attributes.A as input.workload.attributes.A\n---\nh if input.site.attributes.A == \"x\""},
	{"with of the site as the provider", "h with input.site as input.provider\n---\nh if not input.site.attributes.A.deep"},
	{"with of what gets a name", "x := input.site.attributes.A with input.site.attributes.A as input.workload.attributes.A\n\tnot x.deep"},
	{"with in a helper", "h with input.provider as input.site\n---\nh if g with input.site as input.provider\n\ng if input.site.attributes.A == \"x\""},
	{"with of a table", "h with data.domicile.tables.t.values as {\"x\": input.site.attributes.A}\n---\nh if data.domicile.tables.t.values.x == \"x\""},
	{"with of a function", "h with f as g\n---\nh if f(input.site)\n\nf(o) if o.attributes.A\n\ng(o) if o.attributes.B"},
	{"with of a builtin", "h with is_string as g\n---\nh if is_string(input.site.attributes.A)\n\ng(o) := o == 1"},
	{"with of a rule", "h with g as input.site.attributes.A\n---\nh if g == \"x\"\n\ng := input.workload.attributes.B"},
	{"object.get with a path", `object.get(input.site, ["attributes", "A", "deep"], "none") == "none"`},
	{"object.get of what is no object", "x := input.site.attributes.A\n\tis_object(x)\n\tnot object.get(x, \"deep\", 1) == 1"},
	{"object.get with a chosen default", `object.get(input.site.attributes, "A", input.workload.attributes.A) == "x"`},
	{"object.union", `object.union({"A": "x"}, input.site.attributes).A == "x"`},
	{"object.remove", `object.remove(input.site.attributes, ["B", "C"]) == {"A": "x"}`},
	{"object.filter", `object.filter(input.site.attributes, ["A"]) == {}`},
	{"object.subset", `object.subset(input.site.attributes, {"A": "x"})`},
	{"json.filter", `json.filter(input.site, ["attributes/A"]) == {"attributes": {"A": "x"}}`},
	{"json.remove", `json.remove(input.site.attributes, ["A"]) == input.site.attributes`},
	{"json.patch", `json.patch(input.site.attributes, [{"op": "add", "path": "/A", "value": "x"}]) == input.site.attributes`},
	{"json.marshal", `contains(json.marshal(input.site.attributes), "deep")`},
	{"sprintf", `contains(sprintf("%v", [input.site.attributes]), "deep")`},
	{"a template", `$"{input.site.attributes.A}" == "x"`},
	{"a partial object", "by[input.workload.attributes.A]\n---\nby[input.site.attributes.A] := 1"},
	{"a partial set", "not input.workload.attributes.A in names\n---\nnames contains input.site.attributes.A"},
	{"a path of a partial object", "not by.a.vm\n---\nby.a[input.site.attributes.A] := 1\n\nby.a.b := 1 if input.provider.attributes.A"},
	{"numbers", "input.site.attributes.A == 1.0"},
	{"false", "input.site.attributes.A == false"},
	{"null", "x := input.site.attributes.A\n\tx != null"},
	{"empty", `input.site.attributes.A in ["", {}, []]`},
	{"keys that look like a path", "not input.site.attributes[\"A\\u0000deep\"]\n\tinput.site.attributes.A.deep"},
	{"a path that looks like a key", "f(input.site.attributes.A.deep)\n\tcount([1 | f(input.site.attributes[\"A\\u0000deep\"])]) == 0\n---\nf(o) if not o.er"},
	{"lists", `input.site.attributes.A == ["x"]`},
	{"the date", `input.date == "2026-11-24"`},
	{"the date by another name", "i := input\n\tf(i)\n---\nf(i) if i.date == \"2026-11-24\""},
	{"certificates that end", "count(input.site.certifications) == 1"},
}

// trapWorld has a site for each of many values of A, alike otherwise, and some with values of B.
func trapWorld() *topology.Continuum {
	spec := topology.Spec{Name: "g", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Providers: []topology.Provider{
		{ID: "p0", Name: "P", Country: "DE", Attributes: map[string]any{"A": "x"}},
		{ID: "p1", Name: "P", Country: "DE", Attributes: map[string]any{"A": map[string]any{"deep": true}, "B": "x"}},
	}}
	deep := func(v any) map[string]any { return map[string]any{"deep": v} }
	var facts []map[string]any
	for _, v := range []any{"x", "y", "vm", "", true, false, int64(1), int64(0), 1.5, map[string]any{}, []any{}, []any{"x"}, []any{"y"}, deep(true), deep(false), deep("x"),
		deep(deep("x")), deep(map[string]any{"er": "x"}), map[string]any{"B": "x"}} {
		facts = append(facts, map[string]any{"A": v})
	}
	facts = append(facts, nil, map[string]any{"B": "t"}, map[string]any{"A": "x", "B": "t"}, map[string]any{"A": true, "B": "x"}, map[string]any{"B": true, "C": true})
	for k, f := range facts {
		s := topology.Site{
			ID: topology.SiteID(fmt.Sprintf("s%02d", k)), Name: "S", Provider: "p0", Country: "DE", City: "x", Location: topology.Location{Lat: 50, Lon: 8},
			Tier: topology.Edge, Runtimes: []topology.Runtime{topology.VM}, Capacity: topology.Resources{topology.CPU: 1000}, Attributes: f,
			Certifications: []topology.Certification{{Scheme: "X", Level: "1", ValidUntil: "2026-11-23", Source: "assumed"}},
		}
		if k%5 == 4 {
			s.Provider = "p1"
		}
		spec.Sites = append(spec.Sites, s)
	}
	c, err := topology.New(spec)
	if err != nil {
		panic(err)
	}
	return c
}

// trapWorkloads differ in A.
func trapWorkloads() []*placement.Workload {
	var list []*placement.Workload
	for _, f := range []map[string]any{{"A": "x"}, {"A": "y"}, {"A": map[string]any{"deep": true}}, {"A": map[string]any{}}, {"B": "x"}} {
		list = append(list, &placement.Workload{ID: "a/b", Application: "a", Component: "b", Tenant: "t", Kind: placement.VM, Data: "x", Attributes: f})
	}
	return list
}

// TestTraps compares each with plain Rego on sites of which most differ in one fact, and sees that it holds for some of them.
func TestTraps(t *testing.T) {
	for n, c := range traps {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(31, uint64(n)))
			body, helpers, _ := strings.Cut(c.text, "\n---\n")
			a := agree(t, r, policyText{map[string]string{"a.rego": wrap(body) + "\n" + helpers}, []string{"continuum"}})
			a.run(trapWorld(), trapWorkloads())
			require.NotZero(t, a.denied)
			require.Less(t, a.denied, a.pairs)
			require.Zero(t, a.failed)
		})
	}
}

// TestPathsDoNotRunTogether: keys with characters that might separate them in the engine's own lists stay what they are.
func TestPathsDoNotRunTogether(t *testing.T) {
	w := policyText{map[string]string{}, []string{"continuum"}}
	for k, key := range []string{`["A\u0000deep"]`, `.A.deep`} {
		text := strings.Replace(wrap("input.site.attributes"+key), "domicile.continuum.a", fmt.Sprintf("domicile.continuum.g%d", k), 1)
		w.modules[fmt.Sprintf("g%d.rego", k)] = strings.Replace(text, "A-1", fmt.Sprintf("A-%d", k), 1)
	}
	r := rand.New(rand.NewPCG(32, 1))
	agree(t, r, w).run(trapWorld(), trapWorkloads())
}

// TestIndexedClauses compares rules with many clauses, of which OPA's index finds the ones to look at, with a scan of all: OPA 1.21
// missed some.
func TestIndexedClauses(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 1))
	facts := []string{"input.site.country", "input.site.city", "input.site.attributes.A", "input.workload.kind", "input.workload.attributes.A", "input.site.labels.zone"}
	values := []string{`"DE"`, `"x"`, `"y"`, `"vm"`, `"A"`, `true`, `1`, `""`, `{"deep": true}`, `["x"]`, `null`}
	typed := map[string][]string{facts[0]: values[:2], facts[1]: values[1:3], facts[3]: values[3:4], facts[5]: values[1:2]}
	for range 3 {
		var b strings.Builder
		b.WriteString(strings.Replace(wrap("true"), "{}", `{"found": found, "first": first, "of": of(input.site.country, input.site.attributes.A)}`, 1) +
			"\ndefault first := 0\n\nfirst := -1 if input.site.city == \"z\"\n")
		for n := range 60 {
			fmt.Fprintf(&b, "\nfound contains %d if {\n", n)
			for _, k := range r.Perm(len(facts))[:1+r.IntN(3)] {
				from := values
				if of, ok := typed[facts[k]]; ok {
					from = of
				}
				v := from[r.IntN(len(from))]
				fmt.Fprintf(&b, "\t%s\n", pick(r, facts[k]+" == "+v, v+" = "+facts[k], facts[k]+" in ["+v+"]", "x"+fmt.Sprint(k)+" := "+facts[k]+"\n\tx"+fmt.Sprint(k)+" == "+v))
			}
			b.WriteString("}\n")
		}
		b.WriteString(`
default of(_, _) := 0

of("DE", a) := 1 if a == "x"

of("DE", a) := 2 if a == "A"

of(c, true) := 3 if c == "FR"

of("FR", {"deep": true}) := 4
`)
		a := agree(t, r, policyText{map[string]string{"a.rego": b.String()}, []string{"continuum"}})
		a.run(generatedSites(r, libraryWorld(r, 1)), generatedWorkloads(r, 4))
	}
}

// TestUnknownBuiltins: what the clock, the network or the machine could answer is not there for rules.
func TestUnknownBuiltins(t *testing.T) {
	for _, b := range []string{
		`time.now_ns() > 0`, `rand.intn("x", 2) == 1`, `uuid.rfc4122("x") != ""`, `http.send({"method": "get", "url": "http://x"})`, `opa.runtime().env`,
		`net.lookup_ip_addr("x")`, `nothing.known(input.site.id)`, `crypto.x509.parse_and_verify_certificates("x")[0]`,
		`crypto.x509.parse_and_verify_certificates_with_options("x", {})[0]`, `io.jwt.encode_sign({}, {}, {}) != ""`,
	} {
		_, err := Load(one("a.rego", wrap(b)), nil)
		require.ErrorIs(t, err, ErrInvalid, b)
		require.ErrorContains(t, err, "p/a.rego:7: ", b)
	}
}

// TestTheClockIsNotRead: what OPA takes the time from is withheld or given a time, whatever OPA says of it.
func TestTheClockIsNotRead(t *testing.T) {
	known := []string{"time.add_date", "time.clock", "time.date", "time.diff", "time.format", "time.parse_duration_ns", "time.parse_ns",
		"time.parse_rfc3339_ns", "time.weekday"}
	for _, b := range sandbox().Builtins {
		if strings.HasPrefix(b.Name, "time.") {
			assert.Contains(t, known, b.Name, "a new builtin: does it read the clock?")
		}
		assert.NotContains(t, b.Name, "verify_certificates")
	}
	assert.Greater(t, len(ast.Builtins), len(sandbox().Builtins))
}

// TestExpiryIsNoPartOfTheMemo asks on the last day of a table, the day after, and again, with one memory.
func TestExpiryIsNoPartOfTheMemo(t *testing.T) {
	files := fstest.MapFS{"a.rego": {Data: []byte(wrap("input.site.city in data.domicile.tables.t.values.list"))},
		"t.yaml": {Data: []byte(strings.NewReplacer("2099-01-01", "2026-11-23", "[x, A, 1]", "[x]").Replace(generatedTable))}}
	o, err := (*Options)(nil).resolved()
	require.NoError(t, err)
	s, err := load([]Source{{Name: "g", FS: files}}, fstest.MapFS{}, o)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(34, 1))
	in := placement.Scope{Continuum: generatedSites(r, libraryWorld(r, 1)), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	after := placement.Scope{Continuum: in.Continuum, AsOf: in.AsOf.AddDate(0, 0, 1)}
	sites := slices.Collect(in.Continuum.Sites())
	w := generatedWorkload(r)
	x, err := s.Screen(t.Context(), in, sites)
	require.NoError(t, err)
	for range 2 {
		for _, of := range []placement.Scope{in, after} {
			x, err = x.Update(t.Context(), of)
			require.NoError(t, err)
			for k, v := range said(t, x, w) {
				reasons, err := s.Reasons(t.Context(), of, w, sites[k])
				require.NoError(t, err)
				assert.Equal(t, of == after || sites[k].City == "x", v.Denied)
				assert.Equal(t, v.Denied, len(reasons) > 0)
				if of == after {
					assert.Equal(t, codeExpired, reasons[0].Code)
				}
			}
		}
	}
}

// TestDataIsNoPartOfTheMemo: a set with other data in its table is another set, of another digest, that remembers nothing of the first.
func TestDataIsNoPartOfTheMemo(t *testing.T) {
	o, err := (*Options)(nil).resolved()
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(35, 1))
	in := placement.Scope{Continuum: generatedSites(r, libraryWorld(r, 1))}
	digests := map[string]bool{}
	for _, list := range []string{"[x]", "[y]", "[x, y]", "[]"} {
		files := fstest.MapFS{"a.rego": {Data: []byte(wrap("input.site.city in data.domicile.tables.t.values.list"))},
			"t.yaml": {Data: []byte(strings.Replace(generatedTable, "[x, A, 1]", list, 1))}}
		s, err := load([]Source{{Name: "g", FS: files}}, fstest.MapFS{}, o)
		require.NoError(t, err)
		digests[s.Digest()] = true
		for site := range in.Continuum.Sites() {
			v, err := s.Admit(t.Context(), in, generatedWorkload(r), []*topology.Site{site})
			require.NoError(t, err)
			assert.Equal(t, strings.Contains(list, site.City), v[0].Denied)
		}
	}
	assert.Len(t, digests, 4)
}
