// Package placement decides where workloads run.
//
// A [Problem] says what exists, what is to be placed and what counts; [Solve] searches and returns a [Result] with the
// assignment, and for every tier of the objective its value, a proven lower bound and the gap between them. [Check]
// judges any assignment and shares no code with the search; [Why], [WhyNot] and [Diff] explain one, and [Relax] names
// the cheapest ways out where something cannot be placed.
//
// "Cannot be placed" is a result, not an error; so is "stopped early". Errors are for malformed input.
package placement
