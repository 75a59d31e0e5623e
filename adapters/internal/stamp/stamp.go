// Package stamp tells programs that run on whether files have changed.
package stamp

import (
	"fmt"
	"hash"
	"hash/fnv"
	"io/fs"
	"os"
)

// Of is the same as long as the files below some paths, which are files or folders, are: their names, sizes and times, through
// links. It is for noticing changes, not for proving that there was none. O(files).
func Of(paths ...string) uint64 {
	h := fnv.New64a()
	for _, path := range paths {
		_ = fs.WalkDir(os.DirFS(path), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				fmt.Fprintln(h, name, err)
				return nil
			}
			file(h, path+"/"+name)
			return nil
		})
		file(h, path)
	}
	return h.Sum64()
}

func file(h hash.Hash64, path string) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		fmt.Fprintln(h, path, info.Size(), info.ModTime().UnixNano())
	}
}
