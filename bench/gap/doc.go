// Package gap is the suite that solves the generalised assignment problem: every job to one agent, at least cost, within
// what each agent can take. It reads the formats of the OR-Library and of Yagiura's instances, says what they ask through
// the public API of package placement, and has the answer judged by the independent checkers.
package gap
