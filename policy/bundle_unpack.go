package policy

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxName is how long the name of a file in a bundle may be.
	maxName = 512
	// headerBytes is what an archive spends on a file beside its text: the header, a second one for long names and times,
	// and the filling up of both and of the text.
	headerBytes = 4 << 10
)

var errTooLong = errors.New("unpacks to more than it may")

// counter reads up to a limit, which is an error.
type counter struct {
	r    io.Reader
	left int64
}

func (c *counter) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, errTooLong
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left+1)])
	if c.left -= int64(n); c.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// unpack takes the files out of a gzipped archive: regular files alone, each once, within limits. It reads the archive to its
// end, so that one that was cut off or damaged is not taken for a smaller one.
func (b *packed) unpack(text []byte, l limits) {
	packed := bytes.NewReader(text)
	zip, err := gzip.NewReader(packed)
	if err != nil {
		b.refuse("is no gzipped archive: %v", err)
		return
	}
	zip.Multistream(false)
	stream := &counter{zip, l.total + maxFiles*headerBytes}
	archive := tar.NewReader(stream)
	for {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			b.refuse("is no archive: %v", err)
			return
		}
		if !b.entry(h, archive, &l) {
			return
		}
	}
	if _, err := io.Copy(io.Discard, stream); err != nil {
		b.refuse("is damaged behind its last file: %v", err)
		return
	}
	if packed.Len() > 0 {
		b.refuse("has %d bytes behind the end of its archive", packed.Len())
		return
	}
	b.sort()
}

// entry takes one file out of an archive. It is false where there is no point in reading on.
func (b *packed) entry(h *tar.Header, text io.Reader, l *limits) bool {
	name := strings.TrimLeft(strings.TrimPrefix(h.Name, "."), "/")
	if strings.HasPrefix(h.Name, ".") && !strings.HasPrefix(h.Name, "./") {
		name = h.Name // .manifest
	}
	switch h.Typeflag {
	case tar.TypeReg:
		return b.add(name, text, l)
	case tar.TypeDir, tar.TypeXGlobalHeader:
		return true
	}
	b.refuse("%q is a link, a device or the like: a bundle holds files", clip(h.Name))
	return false
}

// add reads a file within limits.
func (b *packed) add(name string, r io.Reader, l *limits) bool {
	if err := checkName(name); err != nil {
		b.refuse("%v", err)
		return false
	}
	most := l.of(name)
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		b.bad.add(b.where(name), 0, "%s", plain(err))
		return false
	case int64(len(text)) > most:
		b.bad.add(b.where(name), 0, "is larger than %d bytes", most)
		return false
	case !utf8.Valid(text):
		b.bad.add(b.where(name), 0, "is not UTF-8 text")
	case len(b.files) == maxFiles:
		b.refuse("has more than %d files", maxFiles)
		return false
	}
	if l.total -= int64(len(text)); l.total < 0 {
		b.refuse("%v", errTooLong)
		return false
	}
	b.files = append(b.files, &file{name: name, text: text})
	return true
}

// walk takes the files of a bundle that lies unpacked in a folder.
func (b *packed) walk(from fs.FS, l limits) {
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.Count(name, "/") >= maxFolders:
			return checkName(strings.Repeat("x/", maxFolders+1) + "x")
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			b.bad.add(b.where(name), 0, "is a link, a device or the like: a bundle holds files")
			return nil
		}
		f, err := from.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		if !b.add(name, f, &l) {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		b.refuse("%s", plain(err))
	}
	b.sort()
}

// sort orders the files by name and refuses those that stand there twice: which of them was signed?
func (b *packed) sort() {
	slices.SortStableFunc(b.files, func(x, y *file) int { return cmp.Compare(x.name, y.name) })
	for i := 1; i < len(b.files); i++ {
		if b.files[i].name == b.files[i-1].name {
			b.bad.add(b.where(b.files[i].name), 0, "stands in the bundle twice")
		}
	}
}

// refuse notes a defect of the bundle as a whole.
func (b *packed) refuse(format string, args ...any) {
	b.bad.add(sourceName(b.source), 0, format, args...)
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
