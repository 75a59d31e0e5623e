package policy

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// secret is a key for HS256.
const secret = "a secret of thirty-two bytes or more"

// hs256 are the keys that trust it.
func hs256() *BundleKeys {
	return &BundleKeys{Keys: map[string]BundleKey{"us": {Algorithm: "HS256", Key: secret}}}
}

// capital is a module that reads a table.
const capital = `package domicile.tenant.clinic.capital

# METADATA
# title: Only in the capital
# custom: {code: CAP-1, basis: b, as_of: "2026"}
deny contains {"city": input.site.city} if not input.site.city in data.domicile.tables.capitals.values.cities
`

// capitals is the table, as data of a bundle.
func capitals() map[string]any {
	return map[string]any{"domicile": map[string]any{"tables": map[string]any{"capitals": map[string]any{
		"asOf": "2026-01-01", "source": "atlas", "validUntil": "2030-01-01", "values": map[string]any{"cities": []any{"Berlin", "Paris"}},
	}}}}
}

// written is a bundle as OPA's own writer writes it, signed where signing is not nil.
func written(t testing.TB, modules map[string]string, data map[string]any, m bundle.Manifest, signing *bundle.SigningConfig) []byte {
	t.Helper()
	b := bundle.Bundle{Manifest: m, Data: map[string]any{}}
	maps.Copy(b.Data, data)
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		b.Modules = append(b.Modules, bundle.ModuleFile{
			URL: name, Path: name, RelativePath: name, Raw: []byte(modules[name]), Parsed: ast.MustParseModule(modules[name]),
		})
	}
	if signing != nil {
		require.NoError(t, b.GenerateSignature(signing, "us", true))
	}
	var w bytes.Buffer
	require.NoError(t, bundle.NewWriter(&w).UseModulePath(true).DisableFormat(true).Write(b))
	return w.Bytes()
}

// usual is a signed bundle with a module, a table and a revision.
func usual(t testing.TB) []byte {
	return written(t, map[string]string{"/capital.rego": capital}, capitals(),
		bundle.Manifest{Revision: "2026-11-24.1", Roots: &[]string{"domicile"}}, bundle.NewSigningConfig(secret, "HS256", ""))
}

// entry is a file of an archive.
type entry struct {
	name, text string
	kind       byte
}

// entries takes an archive apart.
func entries(t testing.TB, text []byte) (all []entry) {
	zip, err := gzip.NewReader(bytes.NewReader(text))
	require.NoError(t, err)
	r := tar.NewReader(zip)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		inner, err := io.ReadAll(r)
		require.NoError(t, err)
		all = append(all, entry{h.Name, string(inner), h.Typeflag})
	}
}

// archive puts one together.
func pack(t testing.TB, all ...entry) []byte {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, e := range all {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o600, Size: int64(len(e.text))}
		if e.kind == tar.TypeSymlink {
			h.Linkname, h.Size = "/etc/passwd", 0
		}
		require.NoError(t, w.WriteHeader(h))
		_, err := w.Write([]byte(e.text)[:h.Size])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zip.Close())
	return b.Bytes()
}

func loadBundle(text []byte, keys *BundleKeys) (*Set, error) {
	return Load([]Source{{Name: "b.tar.gz", Bundle: text, Keys: keys}}, nil)
}

// TestBundleJudgesAsAFolder: the same modules and tables, the same rules and answers.
func TestBundleJudgesAsAFolder(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	s, err := loadBundle(usual(t), hs256())
	require.NoError(t, err)
	assert.Equal(t, "2026-11-24.1", s.Revision())
	assert.Equal(t, "b.tar.gz/capital.rego:6", s.Rules()[0].Location)
	assert.Equal(t, []Table{{Path: "domicile.tables.capitals", File: "b.tar.gz/data.json#domicile.tables.capitals", AsOf: "2026-01-01",
		Source: "atlas", ValidUntil: "2030-01-01"}}, s.Tables())

	folder, err := Load([]Source{{Name: "f", FS: fstest.MapFS{
		"capital.rego": {Data: []byte(capital)},
		"capitals.yaml": {Data: []byte("apiVersion: domicile.eu/v1alpha1\nkind: PolicyTable\nname: capitals\nasOf: 2026-01-01\nsource: atlas\n" +
			"validUntil: 2030-01-01\nvalues: {cities: [Berlin, Paris]}\n")},
	}}}, nil)
	require.NoError(t, err)
	assert.Empty(t, folder.Revision())
	for _, site := range []string{"berlin", "paris", "ashburn"} {
		have, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site(site))
		require.NoError(t, err)
		want, err := folder.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site(site))
		require.NoError(t, err)
		for i := range want {
			want[i].Location = strings.Replace(want[i].Location, "f/", "b.tar.gz/", 1)
		}
		assert.Equal(t, want, have, site)
	}
}

// TestBundleAlgorithms: with keys of every family that OPA signs with.
func TestBundleAlgorithms(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	armour := func(kind string, der []byte, err error) string {
		require.NoError(t, err)
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	private := func(key any) string {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return armour("PRIVATE KEY", der, err)
	}
	public := func(key any) string {
		der, err := x509.MarshalPKIXPublicKey(key)
		return armour("PUBLIC KEY", der, err)
	}
	for _, c := range []struct{ alg, private, public string }{
		{"HS256", secret, secret},
		{"ES256", private(ec), public(&ec.PublicKey)},
		{"RS256", private(rs), public(&rs.PublicKey)},
		{"PS256", private(rs), public(&rs.PublicKey)},
	} {
		t.Run(c.alg, func(t *testing.T) {
			text := written(t, map[string]string{"/capital.rego": capital}, capitals(), bundle.Manifest{}, bundle.NewSigningConfig(c.private, c.alg, ""))
			trust := func(key BundleKey) *BundleKeys { return &BundleKeys{Keys: map[string]BundleKey{"us": key}} }
			_, err := loadBundle(text, trust(BundleKey{Algorithm: c.alg, Key: c.public}))
			require.NoError(t, err)
			if c.alg != "HS256" {
				_, err = loadBundle(text, trust(BundleKey{Algorithm: c.alg, Key: c.private}))
				require.ErrorContains(t, err, `b.tar.gz: keys: key "us": is a private key`)
				// The old trick: the public key, which everybody knows, as a secret.
				forged := written(t, map[string]string{"/capital.rego": capital}, nil, bundle.Manifest{}, bundle.NewSigningConfig(c.public, "HS256", ""))
				_, err = loadBundle(forged, trust(BundleKey{Algorithm: c.alg, Key: c.public}))
				require.ErrorContains(t, err, "b.tar.gz/.signatures.json: the signature does not hold")
			}
		})
	}
}

// TestBundleKeys: what the caller asks of a signature.
func TestBundleKeys(t *testing.T) {
	dir := t.TempDir()
	claims := filepath.Join(dir, "claims.json")
	require.NoError(t, os.WriteFile(claims, []byte(`{"scope": "edge", "keyid": "us"}`), 0o600))
	scoped := written(t, map[string]string{"/capital.rego": capital}, capitals(), bundle.Manifest{}, bundle.NewSigningConfig(secret, "HS256", claims))
	unsigned := written(t, map[string]string{"/capital.rego": capital}, capitals(), bundle.Manifest{}, nil)
	with := func(change func(*BundleKeys)) *BundleKeys { k := hs256(); change(k); return k }
	key := func(key BundleKey) *BundleKeys { return &BundleKeys{Keys: map[string]BundleKey{"us": key}} }
	for name, c := range map[string]struct {
		text []byte
		keys *BundleKeys
		want string // empty: it loads
	}{
		"signed":                {usual(t), hs256(), ""},
		"key by ID":             {usual(t), with(func(k *BundleKeys) { k.KeyID = "us" }), ""},
		"unsigned, no key":      {unsigned, nil, ""},
		"unsigned":              {unsigned, hs256(), "b.tar.gz: is not signed: there is no .signatures.json, and a signature is demanded"},
		"signed, no key":        {usual(t), nil, "b.tar.gz/.signatures.json: the bundle is signed, and there is no key to verify it with"},
		"no keys":               {usual(t), &BundleKeys{}, "b.tar.gz: keys: there are none"},
		"wrong key":             {usual(t), key(BundleKey{Algorithm: "HS256", Key: "another secret of thirty-two bytes"}), "b.tar.gz/.signatures.json: the signature does not hold: failed to verify JWT signature"},
		"wrong algorithm":       {usual(t), key(BundleKey{Algorithm: "HS384", Key: strings.Repeat(secret, 2)}), "the signature does not hold"},
		"other ID":              {usual(t), &BundleKeys{Keys: map[string]BundleKey{"them": {Algorithm: "HS256", Key: secret}}}, "verification key corresponding to ID us not found"},
		"unknown ID":            {usual(t), with(func(k *BundleKeys) { k.KeyID = "them" }), `b.tar.gz: keys: there is no key "them"`},
		"unknown algorithm":     {usual(t), key(BundleKey{Algorithm: "none", Key: secret}), `b.tar.gz: keys: key "us": algorithm "none" is unknown`},
		"short secret":          {usual(t), key(BundleKey{Algorithm: "HS256", Key: "short"}), "HS256 needs a secret of at least 32 bytes, this one has 5"},
		"no PEM":                {usual(t), key(BundleKey{Key: secret}), "RS256 needs a public key in PEM"},
		"scope":                 {scoped, with(func(k *BundleKeys) { k.Scope = "edge" }), ""},
		"scope of the key":      {scoped, key(BundleKey{Algorithm: "HS256", Key: secret, Scope: "edge"}), ""},
		"wrong scope":           {scoped, with(func(k *BundleKeys) { k.Scope = "core" }), "scope mismatch"},
		"a scope nobody wants":  {scoped, hs256(), "scope mismatch"},
		"a scope not given":     {usual(t), with(func(k *BundleKeys) { k.Scope = "edge" }), "scope mismatch"},
		"no pattern":            {usual(t), with(func(k *BundleKeys) { k.Exclude = []string{"["} }), `b.tar.gz: keys: exclude: "[" is no pattern`},
		"keys and plain folder": {nil, hs256(), "b.tar.gz: is no gzipped archive"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := loadAlone(c.text, c.keys)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, c.want)
			require.Nil(t, s)
		})
	}
}

// TestTamperedBundle changes a signed bundle in every way there is: each is an error that names the file.
func TestTamperedBundle(t *testing.T) {
	all := entries(t, usual(t))
	change := func(name, from, to string) []entry {
		out := slices.Clone(all)
		for i := range out {
			if out[i].name == name {
				require.Contains(t, out[i].text, from)
				out[i].text = strings.Replace(out[i].text, from, to, 1)
			}
		}
		return out
	}
	plus := func(name, text string) []entry { return append(slices.Clone(all), entry{name, text, tar.TypeReg}) }
	minus := func(name string) []entry {
		return slices.DeleteFunc(slices.Clone(all), func(e entry) bool { return e.name == name })
	}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"module":            {change("/capital.rego", "not ", ""), "b.tar.gz/capital.rego: is not what was signed: digest mismatch"},
		"table":             {change("/data.json", "Paris", "Boston"), "b.tar.gz/data.json: is not what was signed: digest mismatch"},
		"manifest":          {change("/.manifest", "2026-11-24.1", "2026-11-25.1"), "b.tar.gz/.manifest: is not what was signed: digest mismatch"},
		"missing module":    {minus("/capital.rego"), "b.tar.gz/capital.rego: was signed and is missing"},
		"missing manifest":  {minus("/.manifest"), "b.tar.gz/.manifest: was signed and is missing"},
		"missing signature": {minus("/.signatures.json"), "b.tar.gz: is not signed"},
		"extra module":      {plus("/more.rego", "package domicile.continuum.more"), "b.tar.gz/more.rego: was not signed"},
		"extra test":        {plus("/more_test.rego", "package domicile.continuum.more_test"), "b.tar.gz/more_test.rego: was not signed"},
		"extra data":        {plus("/domicile/tables/more/data.json", "{}"), "b.tar.gz/domicile/tables/more/data.json: was not signed"},
		"extra manifest":    {plus("/domicile/.manifest", "{}"), "b.tar.gz/domicile/.manifest: stands in a folder: a bundle has one, at its top"},
		"two signatures":    {plus("/x/.signatures.json", "{}"), "b.tar.gz/x/.signatures.json: stands in a folder"},
		"the same twice":    {plus("/capital.rego", capital), "b.tar.gz/capital.rego: stands in the bundle twice"},
		"twice, otherwise":  {plus("./capital.rego", capital), "b.tar.gz/capital.rego: stands in the bundle twice"},
		"other plugin":      {change("/.signatures.json", "_default", "mine"), `b.tar.gz/.signatures.json: names plugin "mine"`},
		"no signature":      {change("/.signatures.json", "signatures\"", "sig\""), "missing JWT"},
		"cut signature":     {change("/.signatures.json", ".", ""), "the signature does not hold"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := loadAlone(pack(t, c.entries...), hs256())
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, c.want)
			require.Nil(t, s)
		})
	}
	// All at once are all named.
	both := change("/capital.rego", "not ", "")
	both = append(slices.DeleteFunc(both, func(e entry) bool { return e.name == "/.manifest" }), entry{"/more.rego", "package a", tar.TypeReg})
	_, err := loadBundle(pack(t, both...), hs256())
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), 3)

	// What was changed without changing what it says is what was signed: OPA signs the values of JSON, not its blanks.
	_, err = loadBundle(pack(t, change("/data.json", "{", "{ \n")...), hs256())
	require.NoError(t, err)
}

// TestExcludedFiles: they are taken unsigned, and nothing else is.
func TestExcludedFiles(t *testing.T) {
	keys := hs256()
	keys.Exclude = []string{"tenant/*"}
	extra := entry{"/tenant/more.rego", wrap("true"), tar.TypeReg}
	s, err := loadBundle(pack(t, append(entries(t, usual(t)), extra)...), keys)
	require.NoError(t, err)
	assert.Len(t, s.Rules(), 2)
	extra.name = "/tenants/more.rego"
	_, err = loadBundle(pack(t, append(entries(t, usual(t)), extra)...), keys)
	require.ErrorContains(t, err, "b.tar.gz/tenants/more.rego: was not signed")
}

// TestBundleThatLiesUnpacked: a signed folder is held to its signature like a packed one.
func TestBundleThatLiesUnpacked(t *testing.T) {
	folder := fstest.MapFS{}
	for _, e := range entries(t, usual(t)) {
		folder[strings.TrimPrefix(e.name, "/")] = &fstest.MapFile{Data: []byte(e.text)}
	}
	s, err := Load([]Source{{Name: "f", FS: folder, Keys: hs256()}}, nil)
	require.NoError(t, err)
	assert.Equal(t, "2026-11-24.1", s.Revision())
	folder["capital.rego"] = &fstest.MapFile{Data: []byte(strings.Replace(capital, "not ", "", 1))}
	folder[".git/x"] = &fstest.MapFile{}
	_, err = Load([]Source{{Name: "f", FS: folder, Keys: hs256()}}, nil)
	require.ErrorContains(t, err, "f/.git/x: has no business in a bundle")
	delete(folder, ".git/x")
	_, err = Load([]Source{{Name: "f", FS: folder, Keys: hs256()}}, nil)
	require.ErrorContains(t, err, "f/capital.rego: is not what was signed")
	_, err = Load([]Source{{Name: "f", FS: broken{}, Keys: hs256()}}, nil)
	require.ErrorContains(t, err, "f: gone")
	_, err = Load([]Source{{Name: "f", FS: folder, Bundle: usual(t), Keys: hs256()}}, nil)
	require.ErrorContains(t, err, "f: has both FS and Bundle")
	folder["link"] = &fstest.MapFile{Mode: os.ModeSymlink}
	_, err = Load([]Source{{Name: "f", FS: folder, Keys: hs256()}}, nil)
	require.ErrorContains(t, err, "f/link: is a link")
}

// TestBundleAndFolderTogether: sources of both kinds make one set, and the library's packs are at hand in a bundle, too.
func TestBundleAndFolderTogether(t *testing.T) {
	data := capitals()
	data["domicile"].(map[string]any)["active"] = map[string]any{"packs": []any{"residency"}}
	text := written(t, map[string]string{"/capital.rego": capital}, data, bundle.Manifest{Revision: "a"}, nil)
	other := written(t, map[string]string{"/x.rego": wrap("true")}, nil, bundle.Manifest{Revision: "b"}, nil)
	s, err := Load([]Source{{Name: "b", Bundle: text}, one("a.rego", strings.ReplaceAll(wrap("true"), "A-1", "A-2"))[0], {Name: "c", Bundle: other}}, nil)
	require.NoError(t, err)
	assert.Equal(t, "a, b", s.Revision())
	codes := map[string]bool{}
	for _, r := range s.Rules() {
		codes[r.Code] = true
	}
	assert.Subset(t, slices.Collect(maps.Keys(codes)), []string{"CAP-1", "A-1", "A-2", "RES-001"})
	_, err = Load([]Source{{Name: "b", Bundle: text}, {Name: "b", Bundle: text}}, nil)
	require.ErrorContains(t, err, "b/capital.rego: stands in two sources")
}

// TestBundleTests: Rego tests in a bundle run as those of a folder.
func TestBundleTests(t *testing.T) {
	text := written(t, map[string]string{"/capital.rego": capital, "/capital_test.rego": `package domicile.tenant.clinic.capital_test

test_boston if count(data.domicile.tenant.clinic.capital.deny) == 1 with input as {"site": {"city": "Boston"}}
`}, capitals(), bundle.Manifest{}, nil)
	report, err := RunTests(t.Context(), []Source{{Name: "b", Bundle: text}}, nil)
	require.NoError(t, err)
	require.Len(t, report.Results, 1)
	assert.False(t, report.Results[0].Failed, report.Results[0].Message)
	assert.Equal(t, 100.0, report.Coverage["b/capital.rego"])
}

// TestReadBundle reads within a limit.
func TestReadBundle(t *testing.T) {
	s, err := ReadBundle("b", bytes.NewReader(usual(t)), hs256())
	require.NoError(t, err)
	_, err = Load([]Source{s}, nil)
	require.NoError(t, err)
	_, err = ReadBundle("b", endless0{}, nil)
	require.EqualError(t, err, "b: is larger than 33554432 bytes")
	_, err = ReadBundle("b", iotest.ErrReader(errors.New("gone")), nil)
	require.EqualError(t, err, "b: gone")
	s, err = ReadBundle("", bytes.NewReader(nil), nil)
	require.NoError(t, err)
	_, err = Load([]Source{s}, nil)
	require.EqualError(t, err, "source: is no gzipped archive: EOF", "what is empty is no bundle without rules")
}

// endless0 is as many zeros as anybody reads.
type endless0 struct{}

func (endless0) Read(p []byte) (int, error) { clear(p); return len(p), nil }
