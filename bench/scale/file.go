package scale

import (
	"io"
	"os"
	"path/filepath"
)

// readFile reads a file with one of the readers.
func readFile[T any](name string, read func(file string, r io.Reader) (T, error)) (T, error) {
	f, err := os.Open(name)
	if err != nil {
		var none T
		return none, err
	}
	defer f.Close()
	return read(filepath.Base(name), f)
}
