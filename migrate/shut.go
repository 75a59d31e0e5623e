package migrate

import (
	"context"
	"errors"
	"fmt"
)

// shutError is a timing in which hops wait for calendars that do not open again.
type shutError struct{ hops []int32 }

func (e *shutError) Error() string {
	return fmt.Sprintf("migrate: calendars do not open again for %d moves", len(e.hops))
}

// shut says whether the calendars of a hop never let it run.
func (w *world) shut(h *hop) bool { return w.times.of(h).fit(w.ready[h.to], h.span()) == never }

// plan orders, times and prices until every move that is left has its turn: those that come when their last window is closed
// are stuck, and the others may be without them.
func (q *sequencer) plan(ctx context.Context) (*Plan, error) {
	for {
		hops, err := q.sequence(ctx)
		if err != nil {
			return nil, err
		}
		plan, err := q.timed(ctx, hops)
		var shut *shutError
		if !errors.As(err, &shut) {
			return plan, err
		}
		for _, i := range shut.hops {
			h := hops[i]
			q.stick(h.work, fmt.Sprintf("its turn comes too late: after what it has to wait for, %s",
				q.world.times.of(h).again(h.span())), nil)
		}
	}
}
