package report

import (
	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
)

// Document is everything that is known about one answer. Result, Evaluation and Problem belong together; the rest may
// be nil.
type Document struct {
	Title      string
	Problem    *placement.Problem
	Result     *placement.Result
	Evaluation *placement.Evaluation
	Refusals   []placement.WhyNotAnswer
	Relief     []*placement.Relief
	Rules      []policy.Rule
	Tables     []policy.Table
	Expired    []policy.Table      // those past their last day, on which every rule that rests refuses
	Exit       *migrate.ExitReport // nil where none was asked for
}
