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

func TestProto(t *testing.T) {
	list := os.Getenv("GAPS")
	for _, name := range strings.Fields(list) {
		f, err := os.Open("/work/shared/data/gap/" + name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := problemtest.ReadGAP(f)
		f.Close()
		t0 := time.Now()
		y, b0, _ := bound.Climb(context.Background(), p, 1, &problem.Value{}, math.MaxInt64, 1500, math.MaxInt, nil)
		t1 := time.Now()
		m, ok := New(p, 1, &problem.Value{}, y)
		if !ok {
			t.Fatal("not ok")
		}
		v := newNode(m)
		u := m.First()
		c := newClimb(v, u)
		c.target = math.MaxInt64
		c.look()
		first := c.bound
		n := 0
		c.each = func() { n++ }
		c.run(context.Background(), 3000, 0.002*math.Abs(float64(first)), 30)
		fmt.Printf("%-22s cap %6d in %.2f  first %.2f  bound %.3f (%d) %d looks in %.2f s, %d cells, cap %d single %v\n", name, b0, t1.Sub(t0).Seconds(), float64(first)/(1<<Bits),
			float64(c.bound)/(1<<Bits), (c.bound+1<<Bits-1)>>Bits, n, time.Since(t1).Seconds(), v.fill.work, m.room[0], m.Single)
	}
}
