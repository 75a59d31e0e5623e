// Package search looks for good assignments of a compiled problem.
//
// [New] builds an assignment by regret: each item's costs are raised by the shadow prices of what it would take, those
// who lose most by not getting their first choice choose first. [Searcher.Run] improves it by late acceptance hill
// climbing (Burke and Bykov, The late acceptance hill-climbing heuristic, 2017) over single shifts and swaps, mixed with
// steps that take out a handful of related items and put them back in the best way by branch and bound; these also
// place what was left out, by making room, and move groups that can only move as a whole.
//
// The tiers of the objective are compared one after the other and never added up, so an earlier tier never pays for a
// later one. The state is valid at every point between two moves. A search depends on nothing but problem, options and
// the number of steps; a step is one evaluated move.
package search
