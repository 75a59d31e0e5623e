package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/domicile-eu/domicile/placement/internal/search"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

func main() {
	dir := "/work/shared/data/roadef/"
	secs := flag.Float64("time", 10, "")
	seed := flag.Uint64("seed", 1, "")
	prof := flag.String("prof", "", "")
	workers := flag.Int("workers", 2, "")
	flag.Parse()
	if *prof != "" {
		f, _ := os.Create(*prof)
		pprof.StartCPUProfile(f)
		defer pprof.StopCPUProfile()
	}
	for _, name := range flag.Args() {
		m, a := find(dir, name)
		p := read(m, a)
		began := cpu()
		wall := time.Now()
		o := search.Options{Seed: *seed, Tier: 1, Workers: *workers, Start: p.Home}
		var last float64
		b := search.Budget{Steps: math.MaxInt64, Goal: problem.Value{0, math.MinInt64}, Spent: func() float64 {
			return float64(cpu()-began) / (*secs * 1e9) / float64(*workers)
		}, Report: func(n int64, spent float64, best *problem.Value) {
			if spent-last > 0.1 {
				last = spent
				fmt.Printf("  %.2f  %d  %.1fM\n", spent, best[1], float64(n)/1e6)
			}
		}}
		found := search.Solve(context.Background(), p, o, b)
		fmt.Printf("%s best %d %.2fM steps/cpu-s wall %.1f  score %.3f\n", name, found.State.Value[1], float64(found.Steps)/(cpu()-began).Seconds()/1e6, time.Since(wall).Seconds(), 100*float64(found.State.Value[1]-best[name])/float64(initial[name]))
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano())
}

var best = map[string]int64{"a1_1": 44306501, "a1_2": 777531842, "a1_3": 583005717, "a1_4": 247433844, "a1_5": 727578309, "a2_1": 167, "a2_2": 720671548, "a2_3": 1190713414, "a2_4": 1680609218, "a2_5": 309714522, "b_1": 3307124603, "b_6": 9525857752}
var initial = map[string]int64{"a1_1": 49528750, "a1_2": 1061649570, "a1_3": 583662270, "a1_4": 632499600, "a1_5": 782189690, "a2_1": 391189190, "a2_2": 1876768120, "a2_3": 2272487840, "a2_4": 3223516130, "a2_5": 787355300, "b_1": 7644173180, "b_6": 12749861240}

func find(dir, name string) (string, string) {
	var out [2]string
	for k, pre := range []string{"model_", "assignment_"} {
		for _, ext := range []string{"", ".txt", ".gz", ".txt.gz"} {
			f := dir + pre + name + ext
			if _, err := os.Stat(f); err == nil {
				out[k] = f
			}
		}
	}
	return out[0], out[1]
}
