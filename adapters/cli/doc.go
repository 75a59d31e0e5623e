// Package cli is the operator's tool: it places applications on a continuum, explains the answer, plans exits and
// answers what-ifs, from files or from files embedded in a program.
//
// It translates between flags, files and text on one side and the library on the other and decides nothing itself. Every
// answer passes its independent check before it is printed: placement.Check and placement.VerifyBounds for assignments,
// migrate.Replay for plans. The exit status is 0 for an answer, 1 where the tool broke a promise of its own or was
// interrupted, and 2 for bad input, in which case nothing is written.
package cli
