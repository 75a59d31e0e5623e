package kubernetes

import (
	"context"
	"fmt"

	v1 "k8s.io/api/core/v1"
)

// Reserve judges a pod on a node once more and holds room for it there, until it is seen bound or gone, or for at most the
// configured time. A pod that holds a reservation moves it. What is not granted is an error that wraps [ErrRefused].
func (c *Cluster) Reserve(ctx context.Context, p *v1.Pod, name string) error {
	for {
		q, err := c.question(ctx, p)
		if err != nil {
			return err
		}
		if again, err := c.hold(q, p, name); err != nil || !again {
			return err
		}
	}
}

// hold grants a reservation unless what it was judged by has changed meanwhile.
func (c *Cluster) hold(q *question, p *v1.Pod, name string) (again bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.ask(q.w.in, p); now.key != q.a.key || now.refuse != q.a.refuse {
		return true, nil
	}
	key := keyOf(p)
	if q.own = c.books.held[key]; q.own == nil {
		q.own = c.books.pods[key]
	}
	if q.own != nil && q.own.until.IsZero() && q.own.node != "" && q.own.uid == p.UID {
		return false, fmt.Errorf("%w: the pod is bound already", ErrRefused)
	}
	if reason, _ := q.judge(name); reason != "" {
		return false, fmt.Errorf("%w: %s", ErrRefused, reason)
	}
	c.books.release(key)
	held := record(p)
	held.node, held.object = name, nil
	held.until = c.clock().Add(c.cfg.Reservation)
	c.books.held[key] = held
	c.books.enter(held)
	if c.books.expiry.IsZero() || held.until.Before(c.books.expiry) {
		c.books.expiry = held.until
	}
	return false, nil
}

// Unreserve gives a reservation back.
func (c *Cluster) Unreserve(p *v1.Pod) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.books.release(keyOf(p))
}
