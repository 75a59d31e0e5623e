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

func TestZZ(t *testing.T) {
	for _, name := range strings.Fields(os.Getenv("GAPS")) {
		f, err := os.Open("/work/shared/data/gap/" + name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := problemtest.ReadGAP(f)
		f.Close()
		t1 := time.Now()
		y, _, _ := bound.Climb(context.Background(), p, 1, &problem.Value{}, math.MaxInt64, 400, math.MaxInt, nil)
		m, _ := New(p, 1, &problem.Value{}, y)
		d, _ := time.ParseDuration(os.Getenv("TIME"))
		o := m.Solve(Options{Seed: 1, Workers: 2, Work: math.MaxInt64, Hunt: true, Prove: true, Known: math.MaxInt64, More: func(v, b int64) bool {
			return time.Since(t1) < d
		}})
		fmt.Printf("%s value %d bound %d tree %d work %.2g %.2f s\n", name, o.Value, o.Bound, len(o.Tree), float64(o.Work), time.Since(t1).Seconds())
	}
}
