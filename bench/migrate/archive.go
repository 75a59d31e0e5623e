package migrate

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ErrFormat is wrapped by errors about what is read.
var ErrFormat = errors.New("malformed input")

const (
	// mostFile is 30 times the largest file of the outside data, mostArchive 20 times all of it.
	mostFile    = 16 << 20
	mostArchive = 1 << 30
)

// file is one file of a directory or archive.
type file struct {
	name string // with slashes, relative
	text []byte
}

// readAll reads the files of a directory or of a .tar.gz whose names are wanted, by name. Numbers in names count as
// numbers, so that x2 comes before x10.
func readAll(name string, wanted func(name string) bool) ([]file, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	var files []file
	if info.IsDir() {
		files, err = readDir(os.DirFS(name), wanted)
	} else {
		files, err = readArchive(name, wanted)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	slices.SortFunc(files, func(a, b file) int { return natural(a.name, b.name) })
	return files, nil
}

func readDir(dir fs.FS, wanted func(string) bool) (files []file, err error) {
	total := 0
	err = fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !wanted(name) {
			return err
		}
		f, err := dir.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		files, err = take(files, name, f, &total)
		return err
	})
	return files, err
}

func readArchive(name string, wanted func(string) bool) (files []file, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	total := 0
	for archive := tar.NewReader(unzipped); ; {
		head, err := archive.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		inside := path.Clean(head.Name)
		if head.Typeflag != tar.TypeReg || !wanted(inside) {
			continue
		}
		if files, err = take(files, inside, archive, &total); err != nil {
			return nil, err
		}
	}
}

// take appends a file, within the limits.
func take(files []file, name string, r io.Reader, total *int) ([]file, error) {
	text, err := io.ReadAll(io.LimitReader(r, mostFile+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	if *total += len(text); len(text) > mostFile || *total > mostArchive {
		return nil, fmt.Errorf("%w: %s: more than %d bytes in a file or %d in all", ErrFormat, name, mostFile, mostArchive)
	}
	return append(files, file{name, text}), nil
}

// natural compares names, runs of digits as numbers.
func natural(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits is how many digits a text begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
