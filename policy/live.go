package policy

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// Live holds the policies in force in a program that runs on while they change. It is safe for concurrent use.
//
// It is no Admission itself, and that is on purpose: a decision asks many times, and must ask one set. Take [Live.Set] once for each
// decision, or hand it to placement's Scheduler.UpdatePolicies after each reload. A set that was taken answers on, whatever
// has been loaded since.
type Live struct {
	options Options
	loading sync.Mutex
	now     atomic.Pointer[liveState]
}

// LiveStatus says what is in force, and how the last attempt to change it went.
type LiveStatus struct {
	Digest   string `json:"digest"`
	Revision string `json:"revision,omitempty"`
	Rules    int    `json:"rules"`  // how many are in force, at least one
	Loads    int    `json:"loads"`  // how many sets have been in force, this one counted
	Failed   int    `json:"failed"` // how many reloads have failed since the last that did not
	// Error is what was wrong with the last reload; nil: it went well. What is in force is what was before.
	Error error `json:"-"`
}

// liveState is a set and its status, which are seen together. It never changes.
type liveState struct {
	set    *Set
	status LiveStatus
}

// ErrNoRules is the error of a [Live] that would have no rule in force: then nothing would be refused, which is hardly ever meant
// by an empty or half-mounted folder. Who means it loads one rule that never holds.
var ErrNoRules = errors.New("no rule is in force")

// NewLive loads the first set, see [Load]. There is no Live without one: nothing in force would be nothing refused. For
// the same reason a set without rules is refused, with [ErrNoRules].
func NewLive(sources []Source, opts *Options) (*Live, error) {
	o, err := opts.resolved()
	if err != nil {
		return nil, err
	}
	set, err := loadRules(sources, &o)
	if err != nil {
		return nil, err
	}
	l := &Live{options: o}
	l.now.Store(&liveState{set, LiveStatus{Digest: set.Digest(), Revision: set.Revision(), Rules: len(set.rules), Loads: 1}})
	return l, nil
}

// Set returns the set in force.
func (l *Live) Set() *Set { return l.now.Load().set }

// Status describes the set in force and the last reload.
func (l *Live) Status() LiveStatus { return l.now.Load().status }

// Reload loads other sources and puts them in force at once. Where anything is wrong with them, the error says what, as of
// [Load], or that there is no rule in them ([ErrNoRules]), and the old set stays in force. Reloads come one after the other; nobody else waits. The same policies again
// leave the set and all it remembers as it is.
func (l *Live) Reload(sources []Source) error {
	l.loading.Lock()
	defer l.loading.Unlock()
	next := *l.now.Load()
	set, err := loadRules(sources, &l.options)
	switch {
	case err != nil:
		next.status.Failed++
	case set.Digest() == next.set.Digest() && set.Revision() == next.set.Revision():
		next.status.Failed = 0
	default:
		next = liveState{set, LiveStatus{Digest: set.Digest(), Revision: set.Revision(), Rules: len(set.rules), Loads: next.status.Loads + 1}}
	}
	next.status.Error = err
	l.now.Store(&next)
	return err
}

// loadRules is Load for sets that have rules.
func loadRules(sources []Source, o *Options) (*Set, error) {
	set, err := Load(sources, o)
	if err == nil && len(set.rules) == 0 {
		return nil, fmt.Errorf("policy: %w: %d sources have no deny, prefer or transit rule and switch no pack on", ErrNoRules, len(sources))
	}
	return set, err
}
