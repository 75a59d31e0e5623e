// Package harness is what all suites of the bench have in common: flags, measuring, progress, profiles and the form of
// the answer. The names of flags and JSON fields are fixed, since other programs parse them.
package harness
