package placement

import "context"

func Solve(ctx context.Context, p *Problem, opts *Options) (*Result, error) { panic("not yet") }

func Relax(ctx context.Context, p *Problem, r *Result, opts *Options) ([]*Relief, error) {
	panic("not yet")
}

func (f Fix) Apply(p *Problem) (*Problem, error) { panic("not yet") }
