package knapsack

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/problem/problemtest"
)

func TestTree(t *testing.T) {
	list := os.Getenv("GAPS")
	for _, name := range strings.Fields(list) {
		f, err := os.Open("/work/shared/data/gap/" + name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := problemtest.ReadGAP(f)
		f.Close()
		y, b0, _ := bound.Climb(context.Background(), p, 1, &problem.Value{}, math.MaxInt64, 1500, math.MaxInt, nil)
		m, _ := New(p, 1, &problem.Value{}, y)
		t1 := time.Now()
		x := newTree(m, math.MaxInt64, int(envf("NODES", 1000)), 1<<60)
		if ub := envf("UB", 0); ub > 0 {
			x.least = int64(ub) << Bits
			x.goal = x.least - 1<<Bits + 1
		}
		ok := x.walk(context.Background(), m.First(), 1000, 0.002*math.Abs(float64(b0)*(1<<Bits)))
		fmt.Printf("%-22s bound %d  value %.3f proven %v nodes %d in %.2f s\n", name, b0, float64(x.least)/(1<<Bits), ok, len(x.steps), time.Since(t1).Seconds())
	}
}
