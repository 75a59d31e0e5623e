package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// Source is a folder of modules and tables, with the folders in it: a directory ([os.DirFS]) or an embedded one. Or it is
// an OPA bundle, which may be signed.
//
// Of a folder, read are *.rego (the tests in *_test.rego by [RunTests] only), packs.yaml (kind PolicyPacks) and every other *.yaml
// or *.yml (kind PolicyTable). Files and folders whose names start with a dot, and all other files, are left alone.
//
// Of a bundle, read are *.rego, and as data the tables at domicile.tables.NAME and a list of packs at domicile.active, see the
// guide. Whatever else is in it is an error.
type Source struct {
	Name string // prefixes file names in locations
	FS   fs.FS
	// Bundle is a bundle (tar.gz), in the place of FS; see [ReadBundle].
	Bundle []byte
	// Keys, where not nil, demand that the source is a bundle signed with one of them: Bundle, or FS as one that lies
	// unpacked. A bundle with a signature that nobody gave keys for is an error.
	Keys *BundleKeys
}

const (
	// maxTotalFactor times the limit of one file is the limit of all files together.
	maxTotalFactor = 16
	// maxFiles of one source; a tree with more is not a folder of policies.
	maxFiles = 4096
	// maxFolders is how deep a source may be nested.
	maxFolders = 32
)

// file is one file of a source.
type file struct {
	name    string // as in locations
	text    []byte
	library bool // of the library that comes with the package
	packs   bool // a list of packs, whatever it is called
	// roots are those of the bundle that it comes from; nil: none.
	roots []string
}

func (f *file) isModule() bool { return path.Ext(f.name) == ".rego" }

func (f *file) isTest() bool { return strings.HasSuffix(f.name, "_test.rego") }

func (f *file) isPacks() bool { return f.packs || path.Base(f.name) == "packs.yaml" }

// collector reads the files of sources within limits.
type collector struct {
	perFile, left int64
	files         []*file
	names         map[string]bool
	revisions     []string // of bundles
	bad           *defects
}

func newCollector(perFile int64, bad *defects) *collector {
	left := perFile * maxTotalFactor
	if left/maxTotalFactor != perFile {
		left = perFile
	}
	return &collector{perFile: perFile, left: left, names: map[string]bool{}, bad: bad}
}

// read adds the files of a source in the order of their names.
func (c *collector) read(s Source, library bool) {
	if s.isBundle() {
		c.readBundle(s)
		return
	}
	if s.FS == nil {
		c.bad.add(sourceName(s), 0, "the source has no files: FS is nil")
		return
	}
	before := len(c.files)
	err := fs.WalkDir(s.FS, ".", func(name string, d fs.DirEntry, err error) error {
		where := path.Join(s.Name, name)
		switch {
		case err != nil:
			c.bad.add(where, 0, "%s", plain(err))
			return nil
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			if strings.Count(name, "/") >= maxFolders {
				c.bad.add(where, 0, "folders are nested more than %d deep", maxFolders)
				return fs.SkipDir
			}
			return nil
		}
		if right := rightName(path.Base(name)); right != "" {
			c.bad.add(where, 0, "would not be read as what it is: call it %s", right)
			return nil
		}
		switch path.Ext(name) {
		case ".rego", ".yaml", ".yml":
		default:
			return nil
		}
		if len(c.files)-before == maxFiles {
			return fmt.Errorf("has more than %d modules and tables", maxFiles)
		}
		return c.open(s.FS, name, where, library)
	})
	if err != nil {
		c.bad.add(sourceName(s), 0, "%s", plain(err))
	}
}

// rightName returns how a file must be called that is named nearly as one that is read; empty where there is nothing to say.
func rightName(base string) string {
	lower := strings.ToLower(base)
	if lower != base && lower == "packs.yaml" || lower == "packs.yml" {
		return "packs.yaml"
	}
	switch ext := path.Ext(base); strings.ToLower(ext) {
	case ext:
	case ".rego", ".yaml", ".yml":
		return strings.TrimSuffix(base, ext) + strings.ToLower(ext)
	}
	return ""
}

// open reads one file. It fails where there is no point in reading on.
func (c *collector) open(from fs.FS, name, where string, library bool) error {
	if c.names[where] {
		c.bad.add(where, 0, "stands in two sources: give the sources different names")
		return nil
	}
	c.names[where] = true
	f, err := from.Open(name)
	if err != nil {
		c.bad.add(where, 0, "%s", plain(err))
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, c.perFile+1))
	switch {
	case err != nil:
		c.bad.add(where, 0, "%s", plain(err))
		return nil
	case int64(len(text)) > c.perFile:
		c.bad.add(where, 0, "is larger than %d bytes", c.perFile)
		return nil
	case !utf8.Valid(text):
		c.bad.add(where, 0, "is not UTF-8 text")
		return nil
	}
	if c.left -= int64(len(text)); c.left < 0 {
		return fmt.Errorf("the sources are larger than %d bytes together", c.perFile*maxTotalFactor)
	}
	c.files = append(c.files, &file{name: where, text: text, library: library})
	return nil
}

func sourceName(s Source) string {
	if s.Name == "" {
		return "source"
	}
	return s.Name
}

// plain leaves the path out of a file system's error: the defect names the file already.
func plain(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
