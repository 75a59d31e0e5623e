package policy

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// bare is an unsigned bundle of these files.
func bare(t testing.TB, files ...string) []byte {
	var all []entry
	for i := 0; i < len(files); i += 2 {
		all = append(all, entry{files[i], files[i+1], tar.TypeReg})
	}
	return pack(t, all...)
}

// tableData wraps a table as data of a bundle.
func tableData(table string) string { return `{"domicile": {"tables": {"t": ` + table + `}}}` }

// TestBundleOfTheWrongForm: what is not ours in a bundle is an error that names the file, and never left out in silence.
func TestBundleOfTheWrongForm(t *testing.T) {
	const whole = `{"asOf": "2026-01-01", "source": "x", "validUntil": "2030-01-01", "values": {"a": 1}}`
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"not gzip":                {[]byte(capital), "b.tar.gz: is no gzipped archive: gzip: invalid header"},
		"not tar":                 {gzipped([]byte(strings.Repeat("no tar ", 1000))), "b.tar.gz: is no archive: archive/tar: invalid tar header"},
		"a second archive":        {append(usual(t), usual(t)...), "bytes behind the end of its archive"},
		"cut off":                 {usual(t)[:len(usual(t))-40], "b.tar.gz"},
		"a byte changed":          {flipped(usual(t), len(usual(t))-6), "b.tar.gz: is damaged behind its last file: gzip: invalid checksum"},
		"something behind":        {append(usual(t), "more"...), "bytes behind the end of its archive"},
		"a way out":               {bare(t, "/../a.rego", capital), `b.tar.gz: "../a.rego" is no path within a bundle`},
		"a way out and in":        {bare(t, "a/../../b.rego", capital), `b.tar.gz: "a/../../b.rego" is no path within a bundle`},
		"control characters":      {bare(t, "a\n.rego", capital), `has control characters in it`},
		"deep folders":            {bare(t, strings.Repeat("f/", 40)+"a.rego", capital), "folders are nested more than 32 deep"},
		"a long name":             {bare(t, strings.Repeat("f", 600)+".rego", capital), "is no path within a bundle"},
		"a link":                  {pack(t, entry{"a.rego", "", tar.TypeSymlink}), `b.tar.gz: "a.rego" is a link, a device or the like`},
		"a device":                {pack(t, entry{"a.rego", "", tar.TypeChar}), `b.tar.gz: "a.rego" is a link, a device or the like`},
		"not UTF-8":               {bare(t, "a.rego", "package \xff"), "b.tar.gz/a.rego: is not UTF-8 text"},
		"data not UTF-8":          {bare(t, "data.json", "{\"\xff\": 1}"), "b.tar.gz/data.json: is not UTF-8 text"},
		"another file":            {bare(t, "README.md", "# x"), "b.tar.gz/README.md: has no business in a bundle of policies"},
		"hidden module":           {bare(t, ".a.rego", capital), "b.tar.gz/.a.rego: has no business in a bundle"},
		"YAML data":               {bare(t, "data.yaml", "a: 1"), "b.tar.gz/data.yaml: is YAML"},
		"YAML table":              {bare(t, "tables/x.yml", "a: 1"), "b.tar.gz/tables/x.yml: is YAML"},
		"WebAssembly":             {bare(t, "policy.wasm", "\x00asm"), "b.tar.gz/policy.wasm: is compiled"},
		"plan":                    {bare(t, "plan.json", "{}"), "b.tar.gz/plan.json: is compiled"},
		"delta":                   {bare(t, "patch.json", `{"data": [{"op": "upsert", "path": "/domicile", "value": {}}]}`), "b.tar.gz/patch.json: makes this a delta bundle"},
		"binary manifest":         {bare(t, ".manifest.pb", ""), "b.tar.gz/.manifest.pb: is a manifest in another form"},
		"data no JSON":            {bare(t, "data.json", "{\n\"a\": }"), "b.tar.gz/data.json:2: invalid character"},
		"data YAML inside":        {bare(t, "data.json", "a: &a [1]\nb: [*a, *a]"), "b.tar.gz/data.json:1: invalid character"},
		"data cut off":            {bare(t, "data.json", `{"a": [`), "b.tar.gz/data.json:1: unexpected EOF"},
		"data empty":              {bare(t, "data.json", ""), "b.tar.gz/data.json:1: unexpected EOF"},
		"two documents":           {bare(t, "data.json", "{}\n{}"), "b.tar.gz/data.json:2: something stands behind the end"},
		"a list":                  {bare(t, "data.json", "[]"), "b.tar.gz/data.json:1: must be a JSON object"},
		"a key twice":             {bare(t, "data.json", "{\"a\": 1,\n\"a\": 2}"), `b.tar.gz/data.json:2: key "a" stands there twice`},
		"deep data":               {bare(t, "data.json", strings.Repeat(`{"a":`, 100_000)), "b.tar.gz/data.json:1: is nested more than 96 deep"},
		"deep lists":              {bare(t, "data.json", `{"a":`+strings.Repeat("[", 100_000)), "b.tar.gz/data.json:1: is nested more than 96 deep"},
		"deep manifest":           {bare(t, ".manifest", `{"metadata":`+strings.Repeat(`{"a":`, 9_000)+"1"+strings.Repeat("}", 9_001)), "b.tar.gz/.manifest:1: is nested more than 96 deep"},
		"deep signatures":         {bare(t, ".signatures.json", `{"a":`+strings.Repeat(`[`, 9_000)), "b.tar.gz/.signatures.json:1: is nested more than 96 deep"},
		"foreign data":            {bare(t, "data.json", `{"users": {}}`), "b.tar.gz/data.json: users: the data of a bundle are tables, domicile.tables.NAME, and the packs in force, domicile.active"},
		"foreign data inside":     {bare(t, "data.json", `{"domicile": {"lib": {}}}`), "b.tar.gz/data.json: domicile.lib: the data of a bundle are tables"},
		"foreign data in folders": {bare(t, "domicile/users/data.json", `{}`), "b.tar.gz/domicile/users/data.json: domicile.users: the data of a bundle are tables"},
		"domicile no object":      {bare(t, "data.json", `{"domicile": 1}`), "b.tar.gz/data.json: domicile must be an object"},
		"tables no object":        {bare(t, "data.json", `{"domicile": {"tables": []}}`), "b.tar.gz/data.json: domicile.tables must be an object"},
		"table no object":         {bare(t, "data.json", tableData("[]")), "b.tar.gz/data.json: domicile.tables.t must be an object"},
		"table without dates":     {bare(t, "data.json", tableData(`{"values": {"a": 1}}`)), "b.tar.gz/data.json#domicile.tables.t:1: asOf"},
		"table with more":         {bare(t, "data.json", tableData(`{"asOf": "2026-01-01", "source": "x", "validUntil": "2030-01-01", "values": {}, "extra": 1}`)), "b.tar.gz/data.json#domicile.tables.t:1: extra"},
		"table of another kind":   {bare(t, "data.json", tableData(`{"kind": "PolicyPacks"}`)), "b.tar.gz/data.json#domicile.tables.t:1: kind"},
		"table of another name":   {bare(t, "data.json", tableData(`{"name": "u", "asOf": "2026-01-01", "source": "x", "validUntil": "2030-01-01", "values": {}}`)), "b.tar.gz/data.json: domicile.tables.t has another name, u"},
		"a part of a table":       {bare(t, "domicile/tables/t/values/data.json", `{"a": 1}`), "b.tar.gz/domicile/tables/t/values/data.json#domicile.tables.t:1: asOf"},
		"table twice":             {bare(t, "data.json", tableData(whole), "domicile/tables/t/data.json", whole), "b.tar.gz/domicile/tables/t/data.json#domicile.tables.t: table t stands in b.tar.gz/data.json#domicile.tables.t already"},
		"table of a bad name":     {bare(t, "data.json", `{"domicile": {"tables": {"T T": `+whole+`}}}`), `name: "T T" must be lower-case letters`},
		"no such pack":            {bare(t, "data.json", `{"domicile": {"active": {"packs": ["nobody"]}}}`), `packs[0]: there is no pack "nobody"`},
		"packs no list":           {bare(t, "data.json", `{"domicile": {"active": {"packs": 1}}}`), "b.tar.gz/data.json#domicile.active:1: packs"},
		"data outside roots":      {bare(t, ".manifest", `{"roots": ["domicile/tables/u"]}`, "data.json", tableData(whole)), `b.tar.gz/data.json: domicile.tables.t is outside of the manifest's roots ["domicile/tables/u"]`},
		"module outside roots":    {bare(t, ".manifest", `{"roots": ["domicile/tenant/shop"]}`, "a.rego", capital), `b.tar.gz/a.rego:1: package domicile.tenant.clinic.capital is outside of the manifest's roots ["domicile/tenant/shop"]`},
		"module beside roots":     {bare(t, ".manifest", `{"roots": ["domicile/tenant/clin"]}`, "a.rego", capital), `b.tar.gz/a.rego:1: package domicile.tenant.clinic.capital is outside`},
		"no roots":                {bare(t, ".manifest", `{"roots": []}`, "a.rego", wrap("true")), `b.tar.gz/a.rego:1: package domicile.continuum.a is outside`},
		"roots that overlap":      {bare(t, ".manifest", `{"roots": ["domicile", "/domicile/tables/"]}`), `b.tar.gz/.manifest: roots "domicile" and "domicile/tables" overlap`},
		"many roots":              {bare(t, ".manifest", `{"roots": [`+strings.Repeat(`"a",`, 1000)+`"b"]}`), "b.tar.gz/.manifest: has 1001 roots, more than 256"},
		"roots no list":           {bare(t, ".manifest", `{"roots": "domicile"}`), "b.tar.gz/.manifest: json: cannot unmarshal string"},
		"revision of lines":       {bare(t, ".manifest", `{"revision": "1\ndenied"}`), `b.tar.gz/.manifest: revision "1\ndenied" must be at most 256 bytes of text in one line`},
		"Rego of old":             {bare(t, ".manifest", `{"rego_version": 0}`), "b.tar.gz/.manifest: rego_version is 0, must be 1"},
		"Rego of old, in a file":  {bare(t, ".manifest", `{"file_rego_versions": {"/a.rego": 0}}`), `b.tar.gz/.manifest: file_rego_versions: "/a.rego" is 0, must be 1`},
		"resolvers":               {bare(t, ".manifest", `{"wasm": [{"entrypoint": "a"}]}`), "b.tar.gz/.manifest: names WebAssembly"},
		"syntax":                  {bare(t, "p/a.rego", "package domicile.continuum.a\n\nx := ["), "b.tar.gz/p/a.rego:3: "},
		"brackets":                {bare(t, "a.rego", "package domicile.continuum.a\n\nx := "+strings.Repeat("[", 100_000)), "b.tar.gz/a.rego:3: brackets are nested more than 64 deep"},
		"forbidden builtin":       {bare(t, "a.rego", wrap("time.now_ns() > 1")), "b.tar.gz/a.rego:7: time.now_ns is not available to rules"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := loadAlone(c.text, nil)
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, c.want)
			require.Nil(t, s)
		})
	}
	_, err := loadBundle(bare(t, "./domicile/tables/t/data.json", whole, ".manifest", `{"roots": ["/domicile/tables/t/"]}`), nil)
	require.NoError(t, err)
}

// loadAlone loads a bundle without the library, which takes most of the time.
func loadAlone(text []byte, keys *BundleKeys) (*Set, error) {
	o, err := (*Options)(nil).resolved()
	if err != nil {
		return nil, err
	}
	return load([]Source{{Name: "b.tar.gz", Bundle: text, Keys: keys}}, fstest.MapFS{}, o)
}

// gzipped packs a text that need be no archive.
func gzipped(text []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

func flipped(text []byte, at int) []byte {
	text = slices.Clone(text)
	text[at] ^= 1
	return text
}

// TestBundleBombs: small archives that unpack to much are refused at their limits, and memory stays with those.
func TestBundleBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 24<<20)
	var many []entry
	for i := range maxFiles + 1 {
		many = append(many, entry{fmt.Sprintf("f%d.rego", i), "", tar.TypeReg})
	}
	folders := slices.Clone(many)
	for i := range folders {
		folders[i].kind = tar.TypeDir
	}
	for len(folders) < 40_000 {
		folders = append(folders, folders...)
	}
	one := strings.Repeat(" ", 1<<20)
	var large []entry
	for i := range maxTotalFactor + 1 {
		large = append(large, entry{fmt.Sprintf("f%d.rego", i), one, tar.TypeReg})
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"one file":         {bare(t, "a.rego", zeros), "b.tar.gz/a.rego: is larger than 1048576 bytes"},
		"one document":     {bare(t, "data.json", zeros), "b.tar.gz/data.json: is larger than 16777216 bytes"},
		"a large manifest": {bare(t, ".manifest", zeros), "b.tar.gz/.manifest: is larger than 1048576 bytes"},
		"many files":       {pack(t, many...), "b.tar.gz: has more than 4096 files"},
		"many folders":     {pack(t, folders...), "b.tar.gz: is no archive: unpacks to more than it may"},
		"all together":     {pack(t, large...), "b.tar.gz: unpacks to more than it may"},
		"behind the end":   {gzipped(append(bytes.Clone(make([]byte, 1024)), zeros+zeros...)), "b.tar.gz: is damaged behind its last file: unpacks to more than it may"},
		"a large table":    {bare(t, "data.json", tableData(`{"asOf": "2026-01-01", "source": "x", "validUntil": "2030-01-01", "values": {"a": "`+strings.Repeat("x", 1<<20)+`"}}`)), "b.tar.gz/data.json#domicile.tables.t: is larger than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Less(t, len(c.text), 2<<20)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := loadAlone(c.text, nil)
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, c.want)
			require.ErrorIs(t, err, ErrInvalid)
			// All that was taken on the way, given back or not.
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<20))
		})
	}
}

// FuzzBundle feeds the reader of bundles any archive of files, and the bytes as they are: it ends, with an error that is
// ErrInvalid, or with a set. What it takes OPA's own reader takes, too, and reads the same from it.
func FuzzBundle(f *testing.F) {
	f.Add("a.rego", capital, "data.json", tableData(`{"asOf": "2026-01-01", "source": "x", "validUntil": "2030-01-01", "values": {"a": 1e3}}`), `{"revision": "1", "roots": ["domicile"]}`)
	f.Add("./x/a.rego", wrap("true"), "domicile/active/data.json", `{"packs": []}`, `{"rego_version": 1, "metadata": {"a": [1]}}`)
	f.Add("/a.rego", "package a", "../data.json", "{}", "")
	f.Fuzz(func(t *testing.T, name1, text1, name2, text2, manifest string) {
		for _, n := range []string{name1, name2} {
			if strings.ContainsRune(n, 0) || strings.HasSuffix(n, "/") || len(n) > 1000 {
				t.Skip() // no archive can be written of it
			}
		}
		text := pack(t, entry{name1, text1, tar.TypeReg}, entry{name2, text2, tar.TypeReg}, entry{".manifest", manifest, tar.TypeReg})
		source := Source{Name: "b", Bundle: text}
		if _, err := load([]Source{source}, fstest.MapFS{}, Options{MaxModuleBytes: 10_000, MaxSteps: 1000, Deadline: defaultDeadline}); err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		requireSame(t, source)
	})
}

// requireSame holds what was read from a bundle to what OPA reads from it.
func requireSame(t *testing.T, s Source) {
	t.Helper()
	r := bundle.NewReader(bytes.NewReader(s.Bundle)).WithSkipBundleVerification(s.Keys == nil)
	if s.Keys != nil {
		config, err := s.Keys.config()
		require.NoError(t, err)
		r = r.WithBundleVerificationConfig(config)
	}
	want, err := r.Read()
	require.NoError(t, err)
	c := newCollector(1<<20, &defects{})
	c.read(s, false)
	require.NoError(t, c.bad.err())
	assert.Equal(t, want.Manifest.Revision, strings.Join(c.revisions, ""))
	modules, tables := map[string]string{}, map[string]any{}
	for _, f := range c.files {
		if f.isModule() {
			modules[strings.TrimPrefix(f.name, s.Name+"/")] = string(f.text)
		} else if !f.packs {
			var doc map[string]any
			require.NoError(t, json.Unmarshal(f.text, &doc))
			tables[doc["name"].(string)] = doc["values"]
		}
	}
	for _, m := range want.Modules {
		name := strings.TrimPrefix(path.Clean(m.Path), "/")
		assert.Equal(t, string(m.Raw), modules[name])
		delete(modules, name)
	}
	assert.Empty(t, modules)
	text, err := json.Marshal(want.Data)
	require.NoError(t, err)
	var data struct {
		Domicile struct {
			Tables map[string]struct{ Values any }
		}
	}
	require.NoError(t, json.Unmarshal(text, &data))
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		assert.Equal(t, data.Domicile.Tables[name].Values, tables[name])
	}
	assert.Len(t, tables, len(data.Domicile.Tables))
}

// FuzzBundleBytes feeds it bytes that need be no archive, and signatures that need be none.
func FuzzBundleBytes(f *testing.F) {
	f.Add(usual(f), `{"signatures": ["a.b.c"]}`)
	f.Add([]byte{0x1f, 0x8b}, `{"signatures": ["eyJhbGciOiJIUzI1NiJ9.e30.AAAA"], "plugin": "x"}`)
	f.Fuzz(func(t *testing.T, text []byte, signatures string) {
		for _, b := range [][]byte{text, pack(t, entry{".signatures.json", signatures, tar.TypeReg})} {
			c := newCollector(10_000, &defects{})
			c.read(Source{Name: "b", Bundle: b, Keys: hs256()}, false)
			if err := c.bad.err(); err != nil {
				require.ErrorIs(t, err, ErrInvalid)
			} else {
				requireSame(t, Source{Name: "b", Bundle: b, Keys: hs256()})
			}
		}
	})
}

// TestBundlesAreReadAsOPAReadsThem holds whole bundles to OPA's own reader.
func TestBundlesAreReadAsOPAReadsThem(t *testing.T) {
	requireSame(t, Source{Name: "b", Bundle: usual(t), Keys: hs256()})
	library := map[string]string{}
	require.NoError(t, fs.WalkDir(Library(), ".", func(name string, d fs.DirEntry, err error) error {
		if path.Ext(name) == ".rego" {
			text, _ := fs.ReadFile(Library(), name)
			library["/"+name] = string(text)
		}
		return err
	}))
	text := written(t, library, capitals(), bundle.Manifest{Revision: "all"}, bundle.NewSigningConfig(secret, "HS256", ""))
	requireSame(t, Source{Name: "b", Bundle: text, Keys: hs256()})
	s, err := Load([]Source{{Name: "b", Bundle: text, Keys: hs256()}}, nil)
	require.NoError(t, err)
	assert.Empty(t, s.Rules(), "no packs are named")
}

// TestBadPoliciesLeaveTheProcessHealthy loads and asks what the other tests find bad, over and over: nothing stays behind.
func TestBadPoliciesLeaveTheProcessHealthy(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	bad := [][]Source{
		one("a.rego", "package domicile.continuum.a\n\nx := "+strings.Repeat("[", 100_000)),
		one("a.rego", strings.Repeat("#", 10<<20)),
		one("a.rego", neverEnds),
		one("t.yaml", strings.Repeat("a: [", 10_000)),
		{{Name: "b", Bundle: flipped(usual(t), 400), Keys: hs256()}},
		{{Name: "b", Bundle: bare(t, "data.json", strings.Repeat("[", 100_000))}},
	}
	round := func() {
		for _, sources := range bad {
			s, err := load(sources, fstest.MapFS{}, Options{MaxModuleBytes: defaultMaxModuleBytes, MaxSteps: 2000, Deadline: defaultDeadline})
			if err != nil {
				require.ErrorIs(t, err, ErrInvalid)
				continue
			}
			verdicts, err := s.Admit(context.Background(), w.scope(), w.workload("clinic/db"), []*topology.Site{w.site("berlin")})
			require.NoError(t, err)
			require.True(t, verdicts[0].Denied)
		}
	}
	round()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	goroutines, memory := runtime.NumGoroutine(), heap()
	for range 5 {
		round()
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines)
	assert.Less(t, int64(heap())-int64(memory), int64(1<<20), "bytes that five rounds left behind")
}
