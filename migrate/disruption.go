package migrate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Disruption limits how many workloads of a group may be on the move at once, like a PodDisruptionBudget of Kubernetes.
// The group are the workloads that Of matches and that run at the start; one that waits on a stage is not on the move.
type Disruption struct {
	Name string // in messages
	Of   Which
	// MaxUnavailable is how many may be on the move, MinAvailable how many may not: a number such as "1" or a share of the
	// group such as "25%", rounded up. Exactly one of them is given.
	MaxUnavailable, MinAvailable string
}

// budget is a Disruption in indices.
type budget struct {
	name    string
	most    int64 // on the move at once
	size    int
	members map[int32]bool
}

// readDisruptions compiles the disruption budgets of the options and names all their defects.
func (w *world) readDisruptions() ([]budget, error) {
	var errs []error
	var out []budget
	for i := range w.opts.Disruptions {
		d := &w.opts.Disruptions[i]
		defect := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%w: options: disruptions[%d]: %s", ErrInvalid, i, fmt.Sprintf(format, args...)))
		}
		d.Of.judge(w, false, defect)
		b := budget{name: d.Name, members: make(map[int32]bool)}
		if b.name == "" {
			b.name = fmt.Sprintf("disruptions[%d]", i)
		}
		for work := range w.works {
			if w.from[work] != nowhere && d.Of.work(w, int32(work)) {
				b.members[int32(work)] = true
			}
		}
		b.size = len(b.members)
		if (d.MaxUnavailable == "") == (d.MinAvailable == "") {
			defect("exactly one of maxUnavailable and minAvailable is to be given")
			continue
		}
		text, keeps := d.MaxUnavailable, false
		if text == "" {
			text, keeps = d.MinAvailable, true
		}
		n, err := shareOf(text, b.size)
		if err != nil {
			defect("%v", err)
			continue
		}
		if b.most = n; keeps {
			b.most = max(0, int64(b.size)-n)
		}
		out = append(out, b)
	}
	return out, errors.Join(errs...)
}

// shareOf reads a number or a share of a size in percent, rounded up.
func shareOf(text string, size int) (int64, error) {
	number, percent := strings.CutSuffix(text, "%")
	n, err := strconv.ParseUint(number, 10, 31)
	if err != nil || percent && n > 100 {
		return 0, fmt.Errorf("%q is neither a number nor a share up to 100%%", text)
	}
	if percent {
		return (int64(n)*int64(size) + 99) / 100, nil
	}
	return int64(n), nil
}

// disrupted returns the budgets that a workload belongs to.
func (w *world) disrupted(work int32) []int {
	var out []int
	for i := range w.budgets {
		if w.budgets[i].members[work] {
			out = append(out, i)
		}
	}
	return out
}

// stickBudgets keeps those where they are of whose group none may move at all.
func (q *sequencer) stickBudgets() {
	for work := range q.world.works {
		id := int32(work)
		if _, stuck := q.stuck[id]; stuck || !q.world.moves(id) {
			continue
		}
		for _, i := range q.world.disrupted(id) {
			if b := &q.world.budgets[i]; b.most == 0 {
				q.stick(id, fmt.Sprintf("the disruption budget %s lets none of its %d workloads move", b.name, b.size), nil)
				break
			}
		}
	}
}
