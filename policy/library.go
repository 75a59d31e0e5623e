package policy

import (
	"embed"
	"io/fs"
)

//go:embed library
var libraryFiles embed.FS

// libraryName prefixes the library's files in locations.
const libraryName = "library"

// Library returns the ready packs, the helper functions they share, their tables and their tests:
// residency/residency.rego, lib/geo.rego, tables/eea.yaml, residency/residency_test.rego and so on.
//
// [Load] finds all of it by itself; a packs.yaml says which packs are in force.
func Library() fs.FS {
	sub, err := fs.Sub(libraryFiles, libraryName)
	if err != nil {
		panic("policy: " + err.Error()) // unreachable: the name is a constant
	}
	return sub
}
