package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
)

const (
	// maxJSON is how deep the documents of a bundle may be nested: what a table may be, and the folders it stands in.
	maxJSON = maxValueDepth + maxFolders
	// maxRoots of a manifest; each is compared with each.
	maxRoots = 256
	// maxRevision is how long a revision may be, which stands in logs.
	maxRevision = 256
)

// decode parses the documents of the bundle, before anything else looks at them.
func (b *packed) decode() {
	for _, f := range b.files {
		if f.isModule() {
			continue
		}
		v, line, err := decodeJSON(f.text)
		if err != nil {
			b.bad.add(b.where(f.name), line, "%v", err)
			continue
		}
		if _, ok := v.(map[string]any); !ok {
			b.bad.add(b.where(f.name), 1, "must be a JSON object")
			continue
		}
		b.docs[f.name] = v
	}
}

// decodeJSON reads one JSON value strictly: not too deep, no key twice, nothing behind it. The line is that of a defect.
func decodeJSON(text []byte) (v any, line int, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err = nextJSON(d, 0)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("something stands behind the end")
		} else if !json.Valid(text) {
			err = errors.New("is no JSON")
		}
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, 1 + bytes.Count(text[:min(d.InputOffset(), int64(len(text)))], []byte("\n")), err
	}
	return v, 0, nil
}

func nextJSON(d *json.Decoder, depth int) (any, error) {
	if depth > maxJSON {
		return nil, fmt.Errorf("is nested more than %d deep", maxJSON)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := nextJSON(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err
	case json.Delim('{'):
		object := map[string]any{}
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			key, _ := k.(string)
			if _, ok := object[key]; ok {
				return nil, fmt.Errorf("key %q stands there twice", clip(key))
			}
			if object[key], err = nextJSON(d, depth+1); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return object, err
	}
	return t, nil
}

// readManifest reads what the bundle says of itself.
func (b *packed) readManifest() {
	defer b.manifest.Init()
	f := b.file(manifestName)
	if f == nil {
		return
	}
	note := func(format string, args ...any) { b.bad.add(b.where(manifestName), 0, format, args...) }
	m := &b.manifest
	if err := json.Unmarshal(f.text, m); err != nil {
		note("%v", err)
		return
	}
	if len(m.Revision) > maxRevision || hasControl(m.Revision) {
		note("revision %q must be at most %d bytes of text in one line", clip(m.Revision), maxRevision)
	}
	if len(m.WasmResolvers) > 0 {
		note("names WebAssembly: policies are evaluated as Rego, build the bundle with target rego")
	}
	if v := m.RegoVersion; v != nil && *v != ast.RegoV1.Int() {
		note("rego_version is %d, must be 1", *v)
	}
	for _, pattern := range sortedKeys(m.FileRegoVersions) {
		if v := m.FileRegoVersions[pattern]; v != ast.RegoV1.Int() {
			note("file_rego_versions: %q is %d, must be 1", clip(pattern), v)
		}
	}
	if m.Roots == nil {
		return
	}
	roots := *m.Roots
	if len(roots) > maxRoots {
		note("has %d roots, more than %d", len(roots), maxRoots)
		return
	}
	for i := range roots {
		roots[i] = strings.Trim(roots[i], "/")
		for _, other := range roots[:i] {
			if bundle.RootPathsOverlap(roots[i], other) {
				note("roots %q and %q overlap", clip(other), clip(roots[i]))
			}
		}
	}
}

// roots are what packages and data must be below.
func (b *packed) roots() []string { return *b.manifest.Roots }

// The documents that a bundle may have, below domicile.
const (
	tablesKey = "tables" // domicile.tables.NAME: {asOf, source, validUntil, values}
	activeKey = "active" // domicile.active: {packs: [NAME]}
)

// documents returns the tables and the list of packs that stand in a data.json, each as the file it would be in a folder.
func (b *packed) documents(name string) (files []*file) {
	found := b.docs[name]
	if dir := path.Dir(name); dir != "." {
		folders := strings.Split(dir, "/")
		for i := len(folders) - 1; i >= 0; i-- {
			found = map[string]any{folders[i]: found}
		}
	}
	where := b.where(name)
	step := func(v any, at string) map[string]any {
		m, ok := v.(map[string]any)
		if !ok {
			b.bad.add(where, 0, "%s must be an object", at)
		}
		return m
	}
	top := found.(map[string]any) // see decode
	for _, key := range sortedKeys(top) {
		if key != "domicile" {
			b.foreign(where, key)
			continue
		}
		inner := step(top[key], key)
		for _, key := range sortedKeys(inner) {
			switch at := "domicile." + key; key {
			case tablesKey:
				tables := step(inner[key], at)
				for _, table := range sortedKeys(tables) {
					at := at + "." + table
					files = append(files, b.document(where, at, "PolicyTable", table, step(tables[table], at)))
				}
			case activeKey:
				files = append(files, b.document(where, at, "PolicyPacks", "", step(inner[key], at)))
			default:
				b.foreign(where, at)
			}
		}
	}
	return files
}

// foreign notes data that rules could not read.
func (b *packed) foreign(where, at string) {
	b.bad.add(where, 0, "%s: the data of a bundle are tables, domicile.tables.NAME, and the packs in force, domicile.active", clip(at))
}

// document makes a file of one document.
func (b *packed) document(where, at, kind, name string, fields map[string]any) *file {
	if !bundle.RootPathsContain(b.roots(), strings.ReplaceAll(at, ".", "/")) {
		b.bad.add(where, 0, "%s is outside of the manifest's roots %q", clip(at), b.roots())
	}
	whole := map[string]any{"apiVersion": "domicile.eu/v1alpha1", "kind": kind}
	for k, v := range fields {
		whole[k] = v
	}
	if stated, ok := whole["name"]; name != "" && ok && stated != name {
		b.bad.add(where, 0, "%s has another name, %s", clip(at), clip(fmt.Sprint(stated)))
	}
	if name != "" {
		whole["name"] = name
	}
	text, err := json.Marshal(whole)
	if err != nil {
		b.bad.add(where, 0, "%s: %v", clip(at), err)
	}
	return &file{name: where + "#" + clip(at), text: text, packs: kind == "PolicyPacks"}
}

// checkRoots notes a module of a bundle whose package is outside of the manifest's roots.
func (m *module) checkRoots(bad *defects) {
	if m.roots == nil {
		return
	}
	var words []string
	for _, t := range m.ast.Package.Path[1:] {
		s, _ := t.Value.(ast.String)
		words = append(words, string(s))
	}
	if !bundle.RootPathsContain(m.roots, strings.Join(words, "/")) {
		bad.at(m.ast.Package.Location, "package %s is outside of the manifest's roots %q", m.path(), m.roots)
	}
}
