package plan

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// RunOptions of Run; nil means the defaults.
type RunOptions struct {
	// Pause is how long to wait before a budget is tried again, or whether a pod is gone is asked again; zero: 2 s.
	Pause time.Duration
	// Tries is how often at most for one step; zero: 300, ten minutes at the default pause.
	Tries int
	// Sleep waits; nil: by the clock, until ctx ends.
	Sleep func(ctx context.Context, d time.Duration) error
	// DryRun has the API server judge each eviction and carry out none.
	DryRun bool
	// Done is told of every step that ended, with nil or why not; nil: nobody is.
	Done func(s *Step, err error)
}

func (o *RunOptions) settled() RunOptions {
	s := RunOptions{}
	if o != nil {
		s = *o
	}
	if s.Pause <= 0 {
		s.Pause = 2 * time.Second
	}
	if s.Tries <= 0 {
		s.Tries = 300
	}
	if s.Sleep == nil {
		s.Sleep = sleep
	}
	if s.Done == nil {
		s.Done = func(*Step, error) {}
	}
	return s
}

// Run evicts step by step: each when all steps that it waits for are gone, again and again while its budget is used up. A step that fails
// leaves what waits for it undone, others go on. The error says how many steps were not made.
func (e *Evictions) Run(ctx context.Context, client kubernetes.Interface, opts *RunOptions) error {
	o := opts.settled()
	failed, undone := map[int]bool{}, 0
	for _, r := range e.Refused {
		failed[r.Move] = true
	}
	for i := range e.Steps {
		s := &e.Steps[i]
		err := ctx.Err()
		for _, id := range s.After {
			if failed[id] && err == nil {
				err = fmt.Errorf("plan: it waits for move %d, which was not made", id)
			}
		}
		if err == nil {
			err = s.evict(ctx, client, &o)
		}
		if err == nil && !o.DryRun {
			err = s.gone(ctx, client, &o)
		}
		if err != nil {
			failed[s.Move] = true
			undone++
		}
		o.Done(s, err)
	}
	if undone > 0 {
		return fmt.Errorf("plan: %d of %d steps were not made", undone, len(e.Steps))
	}
	return nil
}

// evict asks until the budget allows it. A pod that is gone already, or another of its name, is as good as evicted.
func (s *Step) evict(ctx context.Context, client kubernetes.Interface, o *RunOptions) error {
	var last error
	for range o.Tries {
		err := client.PolicyV1().Evictions(s.Namespace).Evict(ctx, s.Object(o.DryRun))
		switch {
		case err == nil, apierrors.IsNotFound(err), apierrors.IsConflict(err):
			return nil
		case !apierrors.IsTooManyRequests(err):
			return err
		}
		last = err
		if err := o.Sleep(ctx, o.Pause); err != nil {
			return err
		}
	}
	return fmt.Errorf("plan: given up after %d tries: %w", o.Tries, last)
}

// gone waits until the pod is.
func (s *Step) gone(ctx context.Context, client kubernetes.Interface, o *RunOptions) error {
	for range o.Tries {
		pod, err := client.CoreV1().Pods(s.Namespace).Get(ctx, s.Pod, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err), err == nil && pod.UID != s.UID:
			return nil
		case err != nil:
			return err
		}
		if err := o.Sleep(ctx, o.Pause); err != nil {
			return err
		}
	}
	return fmt.Errorf("plan: pod %s/%s is still there after %d tries", s.Namespace, s.Pod, o.Tries)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
