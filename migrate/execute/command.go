package execute

import (
	"context"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Command is something to be done.
type Command struct {
	Do      Action
	Attempt int // numbers the tries to make a move, from 1; a Cancel and a Look are about the attempt of a Start
	// Move is the move to be made; its ID is that in the plan of the time, Start and End are predictions of that plan.
	Move migrate.Move
	Ask  int // numbers the questions, from 1; only of a Look
}

// Action is what a command asks for.
type Action string

// The actions.
const (
	Start  Action = "start"  // begin the move
	Cancel Action = "cancel" // call it off, if it is under way and its method allows that; it must not begin any more
	Look   Action = "look"   // say where the workload runs, by a report Found; an attempt that has not begun must not begin any more
)

// Report is something that has happened.
type Report struct {
	Kind    News
	At      topology.Micros // since the execution began; one that is before the last one counts as that
	Attempt int
	Ask     int               // the number of the question that a Found answers
	Sites   []topology.SiteID // of a Found: all on which the workload runs (stopped for a copy counts as running)
	Moving  bool              // of a Found: the attempt is still under way
	Message string            // of a Failed: why
}

// News is what a report is about.
type News string

// The kinds of reports.
const (
	Passed  News = "passed"  // nothing but time
	Started News = "started" // the start was received and the move is under way
	Ended   News = "ended"   // the workload runs at the new site and holds nothing at the old one
	Failed  News = "failed"  // the move is over and was not made, as far as the executor can tell
	Found   News = "found"   // the answer to a Look
)

// Executor does what an execution asks for, on real machines or in a simulation.
type Executor interface {
	// Do hands a command over and does not wait for what comes of it. What cannot be done is no error but a report Failed;
	// an error ends [Run].
	Do(ctx context.Context, c Command) error
	// Next returns the next report, or one of Passed when it is until (micros since the execution began) and there is none.
	Next(ctx context.Context, until topology.Micros) (Report, error)
}

// Outcome is what has become of an execution.
type Outcome struct {
	// At is where everything runs, those in doubt left out.
	At placement.Assignment `json:"at"`
	// Made are the moves that were made, in order of their ends, with the times as they were reported.
	Made []migrate.Move `json:"made"`
	// Staying are the workloads that are not where they were to be, with the reason, in order; those in doubt left out.
	Staying []migrate.Stuck `json:"staying,omitempty"`
	Doubts  []Doubt         `json:"doubts,omitempty"` // in order of workload
	// Notes are failures and contradictions, in order of time.
	Notes []Note `json:"notes,omitempty"`
	// Plans is how often was planned, the first time included.
	Plans int             `json:"plans"`
	End   topology.Micros `json:"endMicros"` // of the last report
}

// Doubt is a workload that is not known to run in exactly one place.
type Doubt struct {
	Workload placement.WorkloadID `json:"workload"`
	// Sites are those where it may run or, unless Unknown, those where it does: none where it is lost.
	Sites   []topology.SiteID `json:"sites,omitempty"`
	Unknown bool              `json:"unknown,omitempty"`
	Message string            `json:"message"`
}

// Note is something that did not go by the plan.
type Note struct {
	At       topology.Micros      `json:"atMicros"`
	Workload placement.WorkloadID `json:"workload"`
	Attempt  int                  `json:"attempt,omitempty"`
	Message  string               `json:"message"`
}
