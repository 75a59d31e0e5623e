package placement

import (
	"context"
	"io"

	"github.com/domicile-eu/domicile/topology"
)

func ReadApplications(file string, r io.Reader) ([]Application, error) { panic("not yet") }

func Schema() []byte { panic("not yet") }

func Check(ctx context.Context, p *Problem, a Assignment) ([]Violation, error) { panic("not yet") }

func Evaluate(ctx context.Context, p *Problem, a Assignment) (*Evaluation, error) { panic("not yet") }

func VerifyBounds(ctx context.Context, p *Problem, r *Result) error { panic("not yet") }

func Why(ctx context.Context, ans Answer, w WorkloadID) (*WhyAnswer, error) { panic("not yet") }

func WhyNot(ctx context.Context, ans Answer, w WorkloadID, s topology.SiteID) (*WhyNotAnswer, error) {
	panic("not yet")
}

func Refusals(ctx context.Context, ans Answer, most int) ([]WhyNotAnswer, error) { panic("not yet") }

func Diff(ctx context.Context, before, after Answer) (*Difference, error) { panic("not yet") }
