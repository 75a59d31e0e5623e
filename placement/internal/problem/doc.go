// Package problem is the compiled form of a placement problem: what solver, bound and relaxation all read.
//
// Everything is an index. Items (one per replica) are placed on sites; items that nothing can tell apart share a
// [Class], which lists the sites that may take them with the cost of each. What couples items is a closed list: the
// capacity of sites, groups of items over a partition of the sites ([Group]), and flows between items ([Flow]), with two
// coupled costs, traffic and load. There are no strings, maps or interfaces in it.
//
// A [State] is an assignment with everything that is needed to judge a change of it in time independent of the size of
// the problem. [State.Try] and [State.TrySwap] evaluate one move, [State.Put] makes one. All quantities are integers, so
// a value kept up to date by deltas equals a recomputed one to the last unit.
package problem
