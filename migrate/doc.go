// Package migrate gets from one assignment to another, safely.
//
// [Order] turns the difference between two assignments into a [Plan]: which move starts after which, over which route,
// at which rate, by which method, with predicted times. [Replay] judges any plan and shares no code with the planner.
// [Reverse] turns a plan round. [Drain] empties sites, [Exit] leaves a provider, with a legal clock and a bill.
//
// Times are microseconds since the start of the plan. A plan is a partial order first: an executor follows Move.After,
// and the times are a prediction. Whoever starts each move as soon as all that it waits for has ended never breaks a
// capacity, however long the moves really take.
//
// # What holds while a plan runs
//
// A workload on the move occupies both ends: the old site until the move ends, the new one from the moment it starts.
// In every state in between
//
//   - no site is filled beyond its capacity, no link beyond its bandwidth, and no site has more moves in, or out, at once
//     than Options.SiteMoves, nor are the other caps of Options broken;
//   - every site that a workload enters, if only in passing, is up, has the right runtime, matches the workload's pin,
//     tiers and labels, and is admitted by the policies and rules of the problem;
//   - every hop that a workload is copied over may carry the workload's own data class: all of it travels;
//   - conflicts hold, with a workload counted at both ends, and spreads, with a workload counted where it still runs;
//   - an affinity holds whenever none of its workloads is between the start of its group's first move and the end of the
//     last. While the group is on its way it is parted, because moves cannot end at the same instant.
//
// What is broken before the plan starts is reported in Plan.Start and never made worse. Latency bounds of flows and paths,
// and the ways of flows, are promises about an assignment and not judged between two.
//
// # What is not a move
//
// A workload that only one of the two assignments places is not moved. One that is to be placed for the first time
// (Plan.Initial) is expected to start after the plan; one that is to be removed (Plan.Removed) holds its room until the
// plan has ended.
//
// # What cannot be done
//
// A move that cannot be made stands in Plan.Stuck with the reasons, and its workload stays where it is; that is a result,
// not an error. Errors wrap [ErrInvalid] and are for malformed input.
package migrate
