package knapsack

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/problem/problemtest"
)

func TestMend(t *testing.T) {
	for _, name := range strings.Fields(os.Getenv("GAPS")) {
		f, err := os.Open("/work/shared/data/gap/" + name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := problemtest.ReadGAP(f)
		f.Close()
		y, b0, _ := bound.Climb(context.Background(), p, 1, &problem.Value{}, math.MaxInt64, 1500, math.MaxInt, nil)
		m, _ := New(p, 1, &problem.Value{}, y)
		one := float64(int64(1) << Bits)
		for seed := range uint64(envf("SEEDS", 1)) {
			t1 := time.Now()
			c := newClimb(newNode(m), m.First())
			c.target = math.MaxInt64
			c.run(context.Background(), 1000, 0.002*math.Abs(float64(b0)*one), 30)
			dv := newTree(m, math.MaxInt64, 0, 0)
			dv.dive(context.Background(), c.best, int(envf("LOOKS", 40)), 200, 0.0002*math.Abs(float64(b0)*one))
			fmt.Printf("dive %.2f in %.2f s  ", float64(dv.least)/one, time.Since(t1).Seconds())
			x := &mender{m: m, u: c.best, at: dv.at, rng: rand.New(rand.NewPCG(seed, 5)), size: envf("SIZE", 20), mode: int(envf("MODE", 5)), looks: int(envf("SUBLOOKS", 20))}
			for i := range x.at {
				x.value += x.cost(int32(i))
			}
			out := 0
			for _, s := range x.at {
				if s < 0 {
					out++
				}
			}
			start := x.value
			fmt.Printf("%-22s bound %.3f start %.0f out %d;", name, float64(c.bound)/one, float64(start)/one, out)
			for range 4 {
				x.run(context.Background(), int64(envf("WORK", 1e9))/4)
				fmt.Printf(" %.0f (%d/%d/%d size %.0f) %.2f s;", float64(x.value)/one, x.wins, x.proofs, x.calls, x.size, time.Since(t1).Seconds())
			}
			fmt.Println()
		}
	}
}
