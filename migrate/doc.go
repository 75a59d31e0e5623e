// Package migrate gets from one assignment to another, safely.
//
// [Order] turns the difference between two assignments into a [Plan]: which move starts after which, over which route,
// at which rate, by which method, with predicted times. [Replay] judges any plan and shares no code with the planner.
// [Reverse] turns a plan round. [Drain] empties sites, [Exit] leaves a provider, with a legal clock and a bill.
//
// Times are microseconds since the start of the plan. A plan is a partial order first: an executor follows After, and
// the times are a prediction.
package migrate
