package execute

import "context"

// Run drives an execution over an executor until it is done. Where ctx ends, or the executor returns an error, Run
// returns it, and the execution stands where it stood: it can be run on, or be taken back by [Execution.Abort] and run
// on. Commands that were not handed over by then count as lost on the way, as any other that gets no answer.
func Run(ctx context.Context, e *Execution, x Executor) error {
	commands, err := e.Handle(ctx, Report{Kind: Passed})
	for err == nil {
		for _, c := range commands {
			if err := x.Do(ctx, c); err != nil {
				return err
			}
		}
		if e.Done() {
			return nil
		}
		var r Report
		if r, err = x.Next(ctx, e.Wake()); err == nil {
			commands, err = e.Handle(ctx, r)
		}
	}
	return err
}
