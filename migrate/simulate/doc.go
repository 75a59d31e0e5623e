// Package simulate is an executor that exists on paper only: it carries out what an execution of package execute asks for,
// with seeded durations, failures, silence and repetition, and keeps the truth about where everything runs to itself.
//
// It serves to rehearse a migration, to see how long it may take and what remains when things go wrong, and to test whoever
// drives executors. It takes nothing from the planner's word: [Simulator.Faults] lists what was broken in truth, from
// capacities to policies, however it came about.
package simulate
