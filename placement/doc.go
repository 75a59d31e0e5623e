// Package placement decides where workloads run.
//
// A [Problem] says what exists, what is to be placed, what is allowed and what counts; [Solve] searches and returns a
// [Result] with the assignment and, for every tier of the objective, its value, a proven lower bound and the gap between
// them. "Cannot be placed" is a result, not an error, and so is "stopped early"; errors are for malformed input and wrap
// [ErrInvalid].
//
// # What is asked
//
// [ReadApplications] reads applications: workloads, one per replica, the [Flow]s into and between them, and constraints
// over several of them: [Spread], [Conflict], [Affinity], [Gang], [Path]. Hard constraints are never traded for anything:
//
//	admission   what policies say of a workload on a site; any [Admission], package policy has one in Rego
//	rule        what the importing program says; see [Rule]
//	state       a site that is down takes nothing, one that is cordoned nothing new
//	runtime     the site runs workloads of that kind
//	selector    pins, tiers, labels
//	capacity    in any number of dimensions; of Problem.Transient ones also while workloads move, at both ends
//	latency     a percentile of the round trip of a flow within its bound, and known
//	path        the same for several flows in a row, which a request takes one after the other
//	transit     a way that the flow's class of data may take; any [Transit]
//	spread, conflict, affinity, gang
//	budget      how many workloads move, what some terms come to, what share one domain value has; see [Budget]
//
// An [Objective] is strict tiers of weighted terms: a later tier never pays for a loss in an earlier one. The default
// places as much as possible by priority, then minimises euros an hour, then latency to users. Besides what single
// workloads and flows cost, terms price what they come to together: use above what a site takes with ease ([Excess],
// [Load]), room of one dimension that lacks another ([Balance]), and moves, by workload ([Moves]), by where they start and
// end ([Relocation]) and by component ([GroupMoves]).
//
// # What comes out
//
// Every answer can be taken apart without solving again:
//
//   - [Check] lists everything that is wrong with an assignment, [Evaluate] what it is worth, [VerifyBounds] whether the
//     bounds are proven. They compute straight from the domain objects and share no code with the search (a test sees
//     to it), so that they judge answers of Solve and of anybody else alike.
//   - [Why] and [WhyNot] explain one workload: what it costs, the runner-up, and all reasons against another site, with
//     numbers. [Refusals] lists the refused moves that would have paid most.
//   - [Diff] compares two answers, to the same problem or to two.
//   - [Relax] names a smallest conflict and the ways out where something cannot be placed; [Fix.Apply] makes one.
//   - [Recommend] ranks the sites for one workload; [Pareto] offers answers that trade cost, latency and carbon.
//
// # Where something is broken already
//
// What Solve returns breaks nothing, whatever Problem.Current breaks: it mends a broken start, and where that cannot be done
// (a site shrank, a policy changed, the budget of moves is spent) it leaves out what runs now. [Interim] adds to such an
// answer what can run on where it is without making anything worse, and with that as the next Current the rest is
// mended step by step. Check says of each violation whether Current has it, too, and with which number; room during a move
// and limits of cost, and a [Scheduler]'s reservations, are refused for what they make worse, never for what was so.
//
// Who has many questions prepares them: [Explain] makes an [Explainer], [NewScheduler] a [Scheduler].
//
// # One by one
//
// A [Scheduler] places workloads as they come and go, in microseconds. It ranks sites by cost plus the shadow prices of
// what the workload takes there, and grants reservations of which none is ever granted twice. It answers for one
// workload at a time and moves nothing that is placed: solve now and then to get back what that costs.
//
// # Code of the caller
//
// Rules, policies and prices of moves are code of the importing program. An error of theirs comes back and ends the call. A
// panic stays a panic, on the goroutine of the caller also where it began on another, with a value that is an error: it
// says who was asked about what, holds the stack of where it began, and unwraps to what was thrown if that was an error.
// Nothing is left locked: a Scheduler goes on as if it had not been asked.
//
// # How it is found
//
// A problem is compiled once into flat integers: workloads that differ in nothing but their ID form one class, with the
// sites that pass every unary constraint and their costs. Admission is asked once per class. Search builds an assignment
// by regret with shadow prices, or starts from Current, and improves it by simulated annealing: shifts, swaps, ejection chains,
// displacements (a workload goes where it does not fit, and who is in the way settles elsewhere) and exact re-insertion.
// Every change of value is exact to the last unit, and no earlier tier ever pays for a later one. Options.Workers searches run
// side by side and meet at fixed numbers of steps.
//
// Bounds come from Lagrangian relaxation of capacities and earlier tiers, or of what places every workload once, with the
// capacity of each site kept whole; where nothing but capacities couples workloads, branch and bound closes what gap is left.
// Prices and tree are the [Certificate].
//
// Everything random comes from the seed, and budgets count moves, so the same problem and options give the same result on one
// architecture, in whatever order the applications come. (Workloads, flows and constraints count in the order in which they stand
// in their application.) Search cools down over its budget: give the one you mean. A budget of time goes into Options.Spent, with a clock
// of the caller's; a context is for giving up early.
package placement
