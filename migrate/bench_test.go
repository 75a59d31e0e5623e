package migrate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkOrder orders random exchanges between many sites.
func BenchmarkOrder(b *testing.B) {
	for _, s := range []shape{{sites: 100, workloads: 1000, slack: 20}, {sites: 1000, workloads: 10_000, slack: 20}} {
		b.Run(fmt.Sprintf("moves=%d", s.workloads), func(b *testing.B) {
			c := random(rand.New(rand.NewPCG(1, 6)), s)
			p := c.problem(b)
			for b.Loop() {
				if _, err := Order(context.Background(), p, c.from, c.to, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReplay judges a plan of ten thousand moves.
func BenchmarkReplay(b *testing.B) {
	c := random(rand.New(rand.NewPCG(1, 6)), shape{sites: 1000, workloads: 10_000, slack: 20})
	p := c.problem(b)
	plan, err := Order(context.Background(), p, c.from, c.to, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Replay(context.Background(), p, c.from, c.to, plan, nil); err != nil {
			b.Fatal(err)
		}
	}
}
