// Package execute carries plans of package migrate out on something that can fail.
//
// An [Execution] is a state machine without clock and goroutine: reports go in by [Execution.Handle], commands come out.
// Whoever drives it, such as [Run], hands the commands to an [Executor] and brings its reports back. The same reports in
// the same order give the same commands.
//
// # What is promised
//
// A move starts when all that it waits for (Move.After) has ended, whatever the clock says, and never before Move.NotBefore
// where the plan names one. So capacities, links and policies hold however long moves take; see package migrate.
//
// A report that does not come is no news: a start that is not acknowledged, or a move that is overdue, is called off where
// its method allows that, and then the executor is asked where the workload runs. What the answer says counts, not what was
// to be expected. Until there is an answer the room at both ends stays held, and the workload is touched by nobody.
//
// After a failure, and whatever else differs from the plan, what is left to do is planned anew from where everything is
// known to run, around the moves under way. A workload whose moves fail more than Options.Retries times stays where it is.
//
// At the end each workload either is known to run on one site (Outcome.At) or stands in Outcome.Doubts: not heard of,
// running in two places, or lost. A method that stops the source before all is copied (post-copy) loses the workload when it
// fails after that. Room of a workload in doubt stays held, and the members of its conflicts, spreads and affinities stay
// where they are, because nobody can say what moving them would break.
//
// # What an executor has to keep
//
// Attempts are numbered, and a command may arrive twice or late: what was done already, or called off, is not done again.
// Once a question about an attempt has been answered with a workload that is not moving, that attempt must never do
// anything any more, not even if its start arrives afterwards.
package execute
