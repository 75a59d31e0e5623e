package main

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

func TestStat(t *testing.T) {
	for _, name := range []string{"a1_4", "a2_2", "a2_3", "a2_5", "b_1"} {
		m, a := find("/work/shared/data/roadef/", name)
		p := read(m, a)
		s := problem.NewState(p)
		for i := range p.Items {
			s.Put(int32(i), p.Home[i])
		}
		r := rand.New(rand.NewPCG(1, 1))
		counts := map[problem.Refusals]int{}
		for range 100000 {
			i, m := int32(r.IntN(p.Items)), int32(r.IntN(p.Sites))
			if s.Site[i] == m {
				continue
			}
			from := s.Site[i]
			s.Put(i, -1)
			counts[s.Refuse(i, m)]++
			s.Put(i, from)
		}
		trans := 0
		for _, b := range p.Transient {
			if b {
				trans++
			}
		}
		kinds := map[problem.GroupKind]int{}
		for _, g := range p.Groups {
			kinds[g.Kind]++
		}
		fmt.Println(name, "items", p.Items, "sites", p.Sites, "dims", p.Dims, "transient", trans, "batches", p.Batches, "groups", kinds, "domains", p.Domains[1].Parts, p.Domains[2].Parts)
		fmt.Println("  refusals", counts)
		// excess weighted size
		var size []float64
		total := 0.0
		for i := range p.Items {
			x := 0.0
			for _, e := range p.Excess {
				x += float64(e.Weight) * float64(p.Classes[p.Class[i]].Demand[e.Dim])
			}
			size = append(size, x)
			total += x
		}
		sort.Float64s(size)
		fmt.Printf("  size quantiles 10%% %.3g 50%% %.3g 90%% %.3g 99%% %.3g max %.3g total %.3g\n", size[p.Items/10], size[p.Items/2], size[p.Items*9/10], size[p.Items*99/100], size[p.Items-1], total)
		for _, e := range p.Excess {
			var use, safe, cap int64
			for k := e.Dim; k < len(p.Capacity); k += p.Dims {
				use += s.Use[k]
				safe += p.Safe[k]
				cap += p.Capacity[k]
			}
			fmt.Printf("   dim %d w %d transient %v use/cap %.3f safe/cap %.3f excessLB %.3g cost %.3g\n", e.Dim, e.Weight, p.Transient[e.Dim], float64(use)/float64(cap), float64(safe)/float64(cap), float64(max(0, use-safe)*e.Weight), float64(s.ExcessOf(e.Dim)))
		}
		for k := range p.Balance {
			fmt.Printf("   balance %+v cost %.3g\n", p.Balance[k], float64(s.BalanceOf(k)))
		}
		fmt.Printf("   move weights: group %v; relocation %v\n", p.GroupMoves, p.Relocation)
	}
}
