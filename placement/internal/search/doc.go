// Package search looks for good assignments of a compiled problem.
//
// [Solve] builds an assignment by regret: each item's costs are raised by the shadow prices of what it would take, those
// who lose most by not getting their first choice choose first; or it starts from a given one. Then workers side by side
// improve it by simulated annealing, each with random numbers of its own, and meet after fixed numbers of steps. Moves are
//
//   - shifts of one item and swaps of two, of similar size or onto a site that one would like;
//   - ejection chains, in which each item puts out the next, led by shadow prices;
//   - displacements: an item goes where it does not fit, who is in the way is put out and settles where that costs least;
//   - steps that take out a handful of related items and put them back in the best way by branch and bound; these also
//     place what was left out, and move groups that can only move as a whole.
//
// How the search cools down it learns from a first fast run, see schedule.go. A last descent makes sure that no single
// shift would better the answer.
//
// The tiers of the objective are compared one after the other and never added up: the first tier that a move changes decides
// on it, and before the deciding tier nothing worse is ever accepted. The state is valid at every point between two moves. A
// search depends on nothing but problem, options and the number of steps; a step is one evaluated move.
package search
