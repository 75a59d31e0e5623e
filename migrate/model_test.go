package migrate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// TestPredictByHand computes the formulas with round numbers: 1 Gbit/s is 125 MB/s.
func TestPredictByHand(t *testing.T) {
	const s = 1_000_000
	none := &Options{Setup: -1}
	for _, c := range []struct {
		name   string
		kind   placement.Kind
		facts  placement.Migration
		method placement.Method
		want   Estimate
	}{
		{"memory alone", placement.VM, placement.Migration{Memory: 125e6 * 8}, placement.PreCopy, Estimate{Duration: 8 * s, Downtime: 50_000, Bytes: 1e9}},
		// 8 s + 8 s x 25/(125-25); the last pass leaves more than 300 ms.
		{"cold memory", placement.VM, placement.Migration{Memory: 1e9, DirtyRate: 25e6}, placement.PreCopy, Estimate{Duration: 10 * s, Downtime: 350_000, Bytes: 125e7}},
		// t0 = 8 s <= D = 10 s; H/D = 25 MB/s: 8 + 25 x 8/100.
		{"hot set, first pass within its period", placement.VM,
			placement.Migration{Memory: 1e9, HotSet: 250e6, HotPeriod: 10 * s}, placement.PreCopy, Estimate{Duration: 10 * s, Downtime: 350_000, Bytes: 125e7}},
		// t0 = 8 s > D = 4 s; H/D = 25 MB/s, c = 25 MB/s: 8 + (100 + 4 x 25)/100 + (100/125) x 25/100.
		{"hot set, first pass beyond its period", placement.VM,
			placement.Migration{Memory: 1e9, HotSet: 100e6, HotPeriod: 4 * s, DirtyRate: 25e6}, placement.PreCopy, Estimate{Duration: 10_200_000, Downtime: 350_000, Bytes: 1275e6}},
		{"a budget cuts the pause", placement.VM,
			placement.Migration{Memory: 1e9, DirtyRate: 25e6, Downtime: 150_000}, placement.PreCopy, Estimate{Duration: 10 * s, Downtime: 150_000, Bytes: 125e7}},
		// Disk first: 10 GB at 125-25 MB/s is 100 s and 12.5 GB.
		{"disk", placement.VM, placement.Migration{Memory: 1e9, Disk: 10e9, DiskWrite: 25e6}, placement.PreCopy, Estimate{Duration: 108 * s, Downtime: 50_000, Bytes: 13_500_000_000}},
		{"stopped for its memory", placement.VM, placement.Migration{Memory: 1e9, Disk: 10e9, DiskWrite: 25e6}, placement.StopAndCopy,
			Estimate{Duration: 108 * s, Downtime: 8 * s, Bytes: 13_500_000_000}},
		{"stopped for its disk", placement.Machine, placement.Migration{Memory: 1e9, Disk: 10e9, DiskWrite: 25e6}, placement.StopAndCopy,
			Estimate{Duration: 88 * s, Downtime: 88 * s, Bytes: 11e9}},
		{"stopped because the disk cannot be followed", placement.VM, placement.Migration{Memory: 1e9, Disk: 10e9, DiskWrite: 125e6},
			placement.StopAndCopy, Estimate{Duration: 88 * s, Downtime: 88 * s, Bytes: 11e9}},
		{"green instance", placement.Container, placement.Migration{Memory: 1e9, Disk: 10e9, DiskWrite: 25e6}, placement.BlueGreen,
			Estimate{Duration: 100 * s, Downtime: 0, Bytes: 12_500_000_000}},
		// Each page is sent once, however fast it gets dirty.
		{"switched first", placement.VM, placement.Migration{Memory: 1e9, DirtyRate: 500e6, Disk: 10e9, DiskWrite: 25e6}, placement.PostCopy,
			Estimate{Duration: 108 * s, Downtime: 50_000, Bytes: 13_500_000_000}},
		// Of 10 nodes, one is written to at 2.5 MB/s: 10 GB at 122.5 MB/s.
		{"rolled", placement.Cluster, placement.Migration{Memory: 1e12, Disk: 9_800_000_000, DiskWrite: 25e6, Nodes: 10}, placement.Rolling,
			Estimate{Duration: 80 * s, Bytes: 10_000_000_000}},
		{"nothing to send", placement.Container, placement.Migration{}, placement.BlueGreen, Estimate{Duration: 1, Downtime: 0, Bytes: 0}},
		{"rounded up", placement.VM, placement.Migration{Memory: 1}, placement.PreCopy, Estimate{Duration: 1, Downtime: 50_000, Bytes: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Predict(&placement.Workload{Kind: c.kind, Migration: c.facts}, c.method, 1e9, none)
			require.NoError(t, err)
			assert.InDelta(t, int64(c.want.Duration), int64(got.Duration), 1)
			assert.GreaterOrEqual(t, got.Safe, got.Duration)
			got.Duration, got.Safe = c.want.Duration, 0
			assert.Equal(t, c.want, got)
		})
	}
}

func TestPredictRefuses(t *testing.T) {
	onMachine := []placement.Method{} // marks the rows that are about a machine
	for _, c := range []struct {
		name   string
		facts  placement.Migration
		method placement.Method
		rate   int64
		want   string
	}{
		{"cold memory", placement.Migration{Memory: 1, DirtyRate: 125e6}, placement.PreCopy, 1e9, "pre-copy never ends"},
		{"hot memory", placement.Migration{Memory: 1, HotSet: 125, HotPeriod: 1}, placement.PreCopy, 1e9, "pre-copy never ends"},
		{"hot without a period", placement.Migration{Memory: 1, HotSet: 1}, placement.PreCopy, 1e9, "pre-copy never ends"},
		{"disk", placement.Migration{Disk: 1, DiskWrite: 125e6}, placement.PreCopy, 1e9, "the disk is written"},
		{"disk of a green instance", placement.Migration{Disk: 1, DiskWrite: 125e6}, placement.BlueGreen, 1e9, "the disk is written"},
		{"no bandwidth", placement.Migration{Memory: 1}, placement.PreCopy, 0, "no bandwidth"},
		{"budget of a stop", placement.Migration{Memory: 125e6, Downtime: 999_999}, placement.StopAndCopy, 1e9, "may interrupt for"},
		{"budget below the switch", placement.Migration{Memory: 1, Downtime: 50_000}, placement.PreCopy, 1e9, "below the 50000 us"},
		{"memory of a machine", placement.Migration{Memory: 1, Methods: onMachine}, placement.PreCopy, 1e9, "no hypervisor"},
		{"pulled memory of a machine", placement.Migration{Memory: 1, Methods: onMachine}, placement.PostCopy, 1e9, "no hypervisor"},
		{"nodes of a machine", placement.Migration{Memory: 1}, placement.Rolling, 1e9, "only a cluster"},
		{"budget of a switch", placement.Migration{Memory: 1, Downtime: 49_999}, placement.PostCopy, 1e9, "may interrupt for 50000"},
		// 1 s at the full rate, 1.15 s at the one that can be counted on.
		{"budget at the safe rate", placement.Migration{Memory: 125e6, Downtime: 6_149_000}, placement.StopAndCopy, 1e9, "may interrupt for 6150000"},
		{"for ever", placement.Migration{Memory: math.MaxInt64}, placement.PreCopy, 1, "longer than a year"},
		{"unknown", placement.Migration{}, "teleport", 1e9, "unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind := placement.VM
			if c.facts.Methods != nil {
				kind = placement.Machine
			}
			_, err := Predict(&placement.Workload{Kind: kind, Migration: c.facts}, c.method, c.rate, nil)
			require.ErrorIs(t, err, ErrMethod)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// TestFloatsAgreeWithFractions compares the planner's model with the replay's.
func TestFloatsAgreeWithFractions(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 5))
	kinds := []placement.Kind{placement.VM, placement.Container, placement.Machine, placement.Cluster}
	methods := []placement.Method{placement.PreCopy, placement.PostCopy, placement.StopAndCopy, placement.BlueGreen, placement.Rolling}
	refused := 0
	for range 20_000 {
		w := &placement.Workload{Kind: kinds[rng.IntN(4)], Migration: placement.Migration{
			Memory: 1 + rng.Int64N(64e9), DirtyRate: rng.Int64N(500e6), HotSet: rng.Int64N(1e9) * rng.Int64N(2),
			HotPeriod: topology.Micros(1 + rng.Int64N(10e6)), Disk: rng.Int64N(2e12) * rng.Int64N(2), DiskWrite: rng.Int64N(300e6), Nodes: rng.Int64N(8),
		}}
		if rng.IntN(3) == 0 {
			w.Migration.Downtime = topology.Micros(1 + rng.Int64N(60_000_000))
		}
		method, rate := methods[rng.IntN(5)], 1+rng.Int64N(100e9)
		e, err := Predict(w, method, rate, nil)
		exact := replayPredict(w, method, rate, 5_000_000)
		if err != nil {
			refused++
			continue
		}
		require.Empty(t, exact.never)
		seconds, _ := exact.seconds.Float64()
		down, _ := exact.downtime.Float64()
		bytes, _ := exact.bytes.Float64()
		assert.InEpsilon(t, seconds*1e6, float64(e.Duration), 1e-6)
		safe, _ := exact.safe.Float64()
		assert.InEpsilon(t, safe*1e6, float64(e.Safe), 1e-6)
		assert.GreaterOrEqual(t, e.Safe, e.Duration)
		assert.InDelta(t, down*1e6, float64(e.Downtime), 2+down)
		assert.InDelta(t, bytes, float64(e.Bytes), 2+bytes*1e-9)
	}
	assert.Less(t, refused, 15_000)
}

// TestMoreBandwidthIsNeverSlower scales the rate.
func TestMoreBandwidthIsNeverSlower(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 5))
	for range 5000 {
		w := &placement.Workload{Kind: placement.VM, Migration: placement.Migration{
			Memory: rng.Int64N(64e9), DirtyRate: rng.Int64N(100e6), HotSet: rng.Int64N(1e8), HotPeriod: topology.Micros(1 + rng.Int64N(10e6)),
		}}
		rate := 2e9 + rng.Int64N(10e9)
		slow, err := Predict(w, placement.PreCopy, rate, nil)
		if err != nil {
			continue
		}
		fast, err := Predict(w, placement.PreCopy, rate*2, nil)
		require.NoError(t, err)
		assert.LessOrEqual(t, fast.Duration, slow.Duration)
		assert.LessOrEqual(t, fast.Downtime, slow.Downtime)
		assert.LessOrEqual(t, fast.Safe, slow.Safe)
	}
}
