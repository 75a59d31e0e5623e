package migrate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// RebalanceOptions say what a move has to bring; nil means the defaults.
type RebalanceOptions struct {
	// Hours is the time over which a move must earn its price, at most ten years; zero: 720, a month, as of the term Moves.
	Hours int64
	// Margin is what a move must save besides, in thousandths of what its workload costs an hour where it is, so that small
	// changes of prices move nothing; zero: 50, negative: none. The default is assumed.
	Margin int64
}

// Rebalanced is the outcome of a rebalance.
type Rebalanced struct {
	From placement.Assignment `json:"from"`
	// Problem is what was solved in the end, with what a move must bring priced into the MoveCost of the workloads.
	Problem *placement.Problem `json:"-"`
	// To is where the plan leads.
	To placement.Assignment `json:"to"`
	// Moves say of each workload that moves what that brings, in order of workload.
	Moves []Worth `json:"moves,omitempty"`
	// Staying are those that should move and cannot, with the reasons.
	Staying []Stuck `json:"staying,omitempty"`
	Plan    *Plan   `json:"plan"`
	// Difference compares before and after.
	Difference *placement.Difference `json:"difference"`
	Rounds     int                   `json:"rounds"` // of solving, the last of which found nothing more that pays
}

// Worth is what a move brings and costs.
type Worth struct {
	Workload placement.WorkloadID `json:"workload"`
	From     topology.SiteID      `json:"from"`
	To       topology.SiteID      `json:"to"`
	// Benefit is what it would cost more an hour to have the workload back where it was, everything else as in To, in the
	// tier of the objective that holds the prices. Negative: it makes room, or keeps a promise.
	Benefit topology.MicroEUR `json:"benefitMicroEURPerHour"`
	// Cost is paid once: the workload's MoveCost, the transfer and the double running of its moves.
	Cost topology.MicroEUR `json:"costMicroEUR"`
	// Payback is after how many hours the benefit has paid the cost, rounded up; -1 where it never does.
	Payback int64 `json:"paybackHours"`
	// Because says why it moves all the same where Benefit does not pay Cost within the time: what is broken without it.
	Because string `json:"because,omitempty"`
}

const (
	defaultHours  = 720
	mostHours     = 87_600
	defaultMargin = 50
	mostRounds    = 8
)

func (o *RebalanceOptions) settled() (RebalanceOptions, error) {
	s := RebalanceOptions{Hours: defaultHours, Margin: defaultMargin}
	if o == nil {
		return s, nil
	}
	var errs []error
	if o.Hours < 0 || o.Hours > mostHours {
		errs = append(errs, fmt.Errorf("%w: options: hours: %d is negative or more than ten years", ErrInvalid, o.Hours))
	}
	if o.Margin > 1_000_000 {
		errs = append(errs, fmt.Errorf("%w: options: margin: %d thousandths are more than a thousandfold", ErrInvalid, o.Margin))
	}
	if o.Hours > 0 {
		s.Hours = o.Hours
	}
	if o.Margin != 0 {
		s.Margin = max(0, o.Margin)
	}
	return s, errors.Join(errs...)
}

// Rebalance looks for a better assignment than p.Current and plans the way there, with those moves only that are worth
// their price: what a move saves in Hours must pay for the work and the transfer, and beyond that it must save Margin of what
// the workload costs, an hour. What Current breaks is mended whatever that costs, as tiers before that of the prices say.
// Workloads that run nowhere yet are not placed, and none that runs is left out: one that finds no place stays where it is.
//
// It solves, takes moves back that do not pay, and solves again from there until nothing more is found that pays. So a second
// rebalance of what comes out, with nothing changed, moves nothing. The bytes are priced as in the term Moves; moves that
// cost more by their true route and rate than they bring are not made.
//
// The error wraps [ErrInvalid] where the input is malformed. It costs placement.Solve a few times,
// at least once.
func Rebalance(ctx context.Context, p *placement.Problem, reb *RebalanceOptions, solve *placement.Options, opts *Options) (*Rebalanced, error) {
	ro, err := reb.settled()
	if err != nil {
		return nil, err
	}
	if p == nil || p.Continuum == nil {
		return nil, fmt.Errorf("%w: no problem or no continuum", ErrInvalid)
	}
	r := &Rebalanced{From: running(p)}
	r.To = r.From
	for range mostRounds {
		b := &rebalancer{options: ro, given: p, solve: solve, opts: opts, from: r.To, still: make(map[placement.WorkloadID]string)}
		if err := b.improve(ctx, r); err != nil {
			return nil, err
		}
		if maps.Equal(b.to, r.To) {
			return r, b.conclude(ctx, r)
		}
		r.To = b.to
	}
	last := &rebalancer{options: ro, given: p, opts: opts, from: r.To, to: r.To}
	return r, last.conclude(ctx, r)
}

// improve looks for moves from b.from that pay and can be made; where some cannot, it looks again without them.
func (b *rebalancer) improve(ctx context.Context, r *Rebalanced) error {
	for {
		if err := b.settle(ctx, r); err != nil {
			return err
		}
		if maps.Equal(b.from, b.to) {
			return nil
		}
		plan, err := Order(ctx, b.given, b.from, b.to, b.opts)
		if err != nil {
			return err
		}
		if again, err := b.pin(ctx, plan); err != nil || !again {
			return err
		}
	}
}

// rebalancer is the work on one rebalance.
type rebalancer struct {
	options RebalanceOptions
	given   *placement.Problem
	solve   *placement.Options
	opts    *Options
	from    placement.Assignment
	to      placement.Assignment
	still   map[placement.WorkloadID]string // pinned where they are, and why
	stuck   []Stuck
	left    []placement.Unplaceable // of the last solve: who has no place that breaks nothing
}

// settle solves until nothing more pays.
func (b *rebalancer) settle(ctx context.Context, r *Rebalanced) error {
	b.to = b.from
	for range mostRounds {
		p, err := b.priced(b.to)
		if err != nil {
			return err
		}
		r.Problem = p
		r.Rounds++
		next, err := b.better(ctx, p, b.to)
		if err != nil {
			return err
		}
		if maps.Equal(next, b.to) {
			return nil
		}
		b.to = next
	}
	return nil
}

// better returns where everything is after the moves from at that pay.
func (b *rebalancer) better(ctx context.Context, p *placement.Problem, at placement.Assignment) (placement.Assignment, error) {
	res, err := placement.Solve(ctx, p, b.solve)
	if err != nil {
		return nil, err
	}
	b.left = res.Unplaced
	next, err := placement.Interim(ctx, placement.Answer{Problem: p, Assignment: res.Assignment})
	if err != nil {
		return nil, err
	}
	for id := range next {
		if _, runs := at[id]; !runs {
			delete(next, id)
		}
	}
	for id, site := range at { // on a site that is down, say, nothing can stay and nothing can be copied from
		if _, placed := next[id]; !placed {
			next[id] = site
		}
	}
	return b.takeBack(ctx, p, at, next)
}

// takeBack has moves taken back, worst first, as long as that breaks nothing and is no worse by the objective, what moves
// cost included.
func (b *rebalancer) takeBack(ctx context.Context, p *placement.Problem, at, next placement.Assignment) (placement.Assignment, error) {
	for {
		var moved []placement.WorkloadID
		for _, id := range slices.Sorted(maps.Keys(next)) {
			if next[id] != at[id] {
				moved = append(moved, id)
			}
		}
		if len(moved) == 0 {
			return next, nil
		}
		e, err := placement.Explain(ctx, placement.Answer{Problem: p, Assignment: next})
		if err != nil {
			return nil, err
		}
		back := placement.WorkloadID("")
		var best []placement.TierDelta
		for _, id := range moved {
			answer, err := e.WhyNot(ctx, id, at[id])
			if err != nil {
				return nil, err
			}
			if len(answer.Violations) == 0 && sign(answer.Tiers) <= 0 && (back == "" || less(answer.Tiers, best)) {
				back, best = id, answer.Tiers
			}
		}
		if back == "" {
			return next, nil
		}
		next[back] = at[back]
	}
}

// sign is that of the first tier that changes.
func sign(tiers []placement.TierDelta) int {
	for _, t := range tiers {
		switch {
		case t.Delta < 0:
			return -1
		case t.Delta > 0:
			return 1
		}
	}
	return 0
}

func less(a, b []placement.TierDelta) bool {
	return slices.CompareFunc(a, b, func(x, y placement.TierDelta) int {
		switch {
		case x.Delta < y.Delta:
			return -1
		case x.Delta > y.Delta:
			return 1
		}
		return 0
	}) < 0
}
