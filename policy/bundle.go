package policy

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/open-policy-agent/opa/v1/bundle"
)

// BundleKeys say whose signature a bundle must carry. The zero value trusts nobody.
type BundleKeys struct {
	// Keys are those trusted, by ID.
	Keys map[string]BundleKey
	// KeyID is the key to verify with; empty: the one that the signature names.
	KeyID string
	// Scope is what the signature must be made for; empty: the key's.
	Scope string
	// Exclude are patterns (see path.Match) of files that are taken whether they were signed or not. Whoever can write
	// such a file needs no key.
	Exclude []string
}

// BundleKey is one key that is trusted.
type BundleKey struct {
	// Algorithm is RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, HS256, HS384 or HS512; empty: RS256.
	Algorithm string
	// Key is a public key or certificate in PEM; with HS256, HS384 and HS512 the secret itself, which must be at least as
	// long as the hash, or it can be guessed.
	Key string
	// Scope is what signatures by this key are for; see BundleKeys.
	Scope string
}

// maxBundleBytes is how much [ReadBundle] reads: twice what the defaults of Options let be in a bundle.
const maxBundleBytes = 2 * maxTotalFactor * defaultMaxModuleBytes

// ReadBundle reads an OPA bundle into a source and judges nothing: [Load] does. It reads 32 MiB at most; a program that
// raises Options.MaxModuleBytes reads larger ones itself, into Source.Bundle.
func ReadBundle(name string, r io.Reader, keys *BundleKeys) (Source, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBundleBytes+1))
	s := Source{Name: name, Bundle: text, Keys: keys}
	switch bad := (&defects{}); {
	case err != nil:
		bad.add(sourceName(s), 0, "%s", plain(err))
		return Source{}, bad.err()
	case len(text) > maxBundleBytes:
		bad.add(sourceName(s), 0, "is larger than %d bytes", maxBundleBytes)
		return Source{}, bad.err()
	}
	return s, nil
}

// isBundle says whether a source is a bundle, packed or not.
func (s Source) isBundle() bool { return s.Bundle != nil || s.Keys != nil }

// packed is a bundle taken out of its archive.
type packed struct {
	source Source
	files  []*file // by name, which is that inside the bundle
	bad    *defects
	// read from the files:
	manifest bundle.Manifest
	docs     map[string]any // JSON documents by name
}

// The files of a bundle that stand for themselves.
const (
	signaturesName = ".signatures.json"
	manifestName   = bundle.ManifestExt
	dataName       = "data.json"
)

// readBundle adds the modules and tables of a bundle, if all of it is in order.
func (c *collector) readBundle(s Source) {
	before := c.bad.count()
	b := &packed{source: s, bad: c.bad, docs: map[string]any{}}
	if s.Bundle != nil && s.FS != nil {
		c.bad.add(sourceName(s), 0, "has both FS and Bundle")
		return
	}
	if s.FS != nil {
		b.walk(s.FS, c.limits())
	} else {
		b.unpack(s.Bundle, c.limits())
	}
	for _, step := range []func(){b.checkNames, b.decode, b.verify, b.readManifest} {
		if c.bad.count() > before {
			return
		}
		step()
	}
	if c.bad.count() > before {
		return
	}
	c.takeBundle(b)
}

// takeBundle adds what a bundle holds, which is as it was signed.
func (c *collector) takeBundle(b *packed) {
	for _, f := range b.files {
		switch {
		case f.isModule():
			c.take(&file{name: b.where(f.name), text: f.text, roots: b.roots()})
		case path.Base(f.name) == dataName:
			for _, t := range b.documents(f.name) {
				c.take(t)
			}
		}
	}
	if r := b.manifest.Revision; r != "" {
		c.revisions = append(c.revisions, r)
	}
}

// take adds a file of a bundle within the limits.
func (c *collector) take(f *file) {
	switch size := int64(len(f.text)); {
	case c.names[f.name]:
		c.bad.add(f.name, 0, "stands in two sources: give the sources different names")
	case size > c.perFile:
		c.bad.add(f.name, 0, "is larger than %d bytes", c.perFile)
	case c.left < size:
		c.left = 0
		c.bad.add(f.name, 0, "the sources are larger than %d bytes together", c.perFile*maxTotalFactor)
	default:
		c.left -= size
		c.names[f.name] = true
		c.files = append(c.files, f)
	}
}

// where writes the name of a file of the bundle as in locations.
func (b *packed) where(name string) string { return path.Join(b.source.Name, name) }

// file returns a file by name.
func (b *packed) file(name string) *file {
	for _, f := range b.files {
		if f.name == name {
			return f
		}
	}
	return nil
}

// checkNames refuses what the engine would have to leave out: who signed it meant it to count.
func (b *packed) checkNames() {
	for _, f := range b.files {
		why := ""
		switch base := path.Base(f.name); {
		case f.name == signaturesName || f.name == manifestName || base == dataName:
			continue
		case f.isModule() && !strings.HasPrefix(base, "."):
			continue
		case base == signaturesName || base == manifestName:
			why = "stands in a folder: a bundle has one, at its top"
		case base == bundle.ManifestProtoExt:
			why = "is a manifest in another form: write it as JSON, in .manifest"
		case base == bundle.WasmFile, base == bundle.PlanFile, base == bundle.PlanProtoFile:
			why = "is compiled: policies are evaluated as Rego, build the bundle with target rego"
		case base == "patch.json":
			why = "makes this a delta bundle: these change others and cannot be signed"
		case bundle.IsYAMLFile(f.name):
			why = "is YAML: in a bundle packs and tables are JSON, in data.json, see the guide"
		default:
			why = "has no business in a bundle of policies: it holds modules, data.json, .manifest and .signatures.json"
		}
		b.bad.add(b.where(f.name), 0, "%s", why)
	}
}

// limits are what a bundle may come to.
type limits struct{ file, total int64 }

// limits returns those of a bundle. All tables stand in one data.json, so that it may be as large as all files together;
// each table is held to the limit of a file afterwards.
func (c *collector) limits() limits { return limits{file: c.perFile, total: c.left} }

func (l limits) of(name string) int64 {
	if path.Base(name) == dataName {
		return l.total
	}
	return l.file
}

// checkName says what is wrong with the name of a file in a bundle; nil: nothing.
func checkName(name string) error {
	switch {
	case !fs.ValidPath(name) || len(name) > maxName:
		return fmt.Errorf("%q is no path within a bundle", clip(name))
	case strings.Count(name, "/") > maxFolders:
		return fmt.Errorf("%q: folders are nested more than %d deep", clip(name), maxFolders)
	case hasControl(name):
		return fmt.Errorf("%q has control characters in it", clip(name))
	}
	return nil
}
