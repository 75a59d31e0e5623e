package opennebula

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func cpuNow() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestTry(t *testing.T) {
	for _, x := range []struct {
		name string
		mode Mode
	}{
		{"place_10vms_5hosts.xml", Place}, {"place_rank_run.xml", Place}, {"place_resched_plus_pending.xml", Place},
		{"synthetic_mix_full.xml", Place}, {"synthetic_pend_full.xml", Place},
		{"optimize_cluster100_crossgroup.xml", Optimize}, {"optimize_antiaffinity_onedrs.xml", Optimize},
		{"synthetic_aa_ok.xml", Optimize}, {"synthetic_aa_all.xml", Optimize}, {"synthetic_aff_ok.xml", Optimize}, {"synthetic_aff_split.xml", Optimize},
		{"bench_optimize.100x50.b64.gz", Optimize}, {"bench_optimize.300x50.b64.gz", Optimize}, {"bench_place.100x50.b64.gz", Place}, {"bench_place.300x200.b64.gz", Place},
		{"bench_optimize.1000x200.b64.gz", Optimize},
	} {
		t0 := cpuNow()
		d, err := Read(bytes.NewReader(captured(t, x.name)))
		require.NoError(t, err)
		t1 := cpuNow()
		cfg := &Config{Mode: x.mode, Cluster: 100}
		if v, _ := strconv.Atoi(os.Getenv("STEPS")); v > 0 {
			cfg.MaxSteps = int64(v)
		}
		a, err := Decide(t.Context(), d, cfg)
		require.NoError(t, err)
		fmt.Printf("%s: read %v decide %v\n  before %+v\n  after  %+v\n  bound  %+v\n  target %d wave %d waves %d\n", x.name, t1-t0, cpuNow()-t1, a.Before, a.After, a.Bound, len(a.Target), len(a.Wave.Actions), a.Waves)
		if len(d.VMs) < 50 {
			fmt.Println("  ", a.Target, a.Wave)
		}
		for v, r := range a.Reasons {
			fmt.Println("    ", v, r)
		}
	}
}
