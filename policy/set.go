package policy

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
)

// Set is a compiled set of policies. It implements placement.Admission and placement.Transit. It is immutable but for
// what it remembers of answers, and safe for concurrent use. The same question has the same answer, whatever was asked before.
type Set struct {
	options     Options
	rules       []*rule // in the order of reasons
	asked       []int   // indices of deny rules, then of prefer rules: what is denied needs no points
	views       views
	tenants     bool // some rules speak to one tenant alone
	tables      map[string]*table
	compiler    *ast.Compiler
	guards      guards
	store       storage.Store
	digest      string
	data        string
	revision    string
	lints       []Finding
	memory      atomic.Pointer[memory]
	evaluations atomic.Int64
	// memoryLimit is maxMemory; tests make do with less.
	memoryLimit int
}

// Rules lists the rules in force, in the order in which reasons are listed.
func (s *Set) Rules() []Rule {
	rules := make([]Rule, len(s.rules))
	for i, r := range s.rules {
		rules[i] = r.Rule
	}
	return rules
}

// Tables lists the tables that the rules rest on and those of the caller's own sources, by name. The library's other tables are
// left out: nothing follows from them.
func (s *Set) Tables() []Table {
	read := s.tablesRead()
	var tables []Table
	for _, name := range sortedKeys(s.tables) {
		if t := s.tables[name]; !t.library || slices.Contains(read, name) {
			tables = append(tables, t.Table)
		}
	}
	return tables
}

// Expired lists those of Tables that may not be relied on at a time. Asked for a later time than the problem's, it names
// the tables that are about to expire.
func (s *Set) Expired(asOf time.Time) []Table {
	day := asOf.UTC().Format(time.DateOnly)
	return slices.DeleteFunc(s.Tables(), func(t Table) bool { return day <= t.ValidUntil })
}

// Digest is the SHA-256, in hexadecimal, of the modules and tables and of the version of OPA: sets of one digest give the
// same answers.
func (s *Set) Digest() string { return s.digest }

// DataDigest is the SHA-256, in hexadecimal, of the tables alone: it changes with the data revision and with nothing else.
func (s *Set) DataDigest() string { return s.data }

// Revision is what the manifest of the bundle calls itself that the set was loaded from; of several, in the order of sources
// and separated by commas; empty where none says. It is for people: two sets of one revision may differ, of one digest not.
func (s *Set) Revision() string { return s.revision }

// tablesRead returns the names of the tables that rules rest on, sorted.
func (s *Set) tablesRead() []string {
	var names []string
	for _, r := range s.rules {
		names = append(names, r.reads.tables...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
