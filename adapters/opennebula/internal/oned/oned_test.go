package oned

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const s = time.Second

func move(vm, from, to int, takes time.Duration) Action {
	return Action{VM: vm, From: from, To: to, Takes: takes, Load: Load{100, 1000}}
}

// TestTheHeadOfTheLineBlocks is what was seen on a real oned 7.4: of three migrations the second goes to the host of the
// first and waits, and the third waits behind it although its host is idle, until the timer ticks.
func TestTheHeadOfTheLineBlocks(t *testing.T) {
	r := Execute([]Action{move(1, 0, 1, 8*s), move(2, 0, 1, 8*s), move(3, 0, 2, 8*s)}, nil, Config{})
	assert.Equal(t, []Step{{1, 0, 8 * s, Done}, {2, 15 * s, 23 * s, Done}, {3, 15 * s, 23 * s, Done}}, r.Steps)
	assert.Equal(t, 23*s, r.Makespan)
	assert.Equal(t, 15*s, r.Waited)
	interleaved := Execute([]Action{move(1, 0, 1, 8*s), move(3, 0, 2, 8*s), move(2, 0, 1, 8*s)}, nil, Config{})
	assert.Equal(t, 0*s, interleaved.Waited)
	assert.Equal(t, 8*s, interleaved.Steps[1].End)
}

func TestEachMoveToOneHostCostsATick(t *testing.T) {
	var plan []Action
	for vm := range 5 {
		plan = append(plan, move(vm, 0, 1, s))
	}
	assert.Equal(t, 61*s, Execute(plan, nil, Config{}).Makespan)
	assert.Equal(t, s, Execute(plan, nil, Config{PerHost: 5}).Makespan)
	assert.Equal(t, 31*s, Execute(plan, nil, Config{PerHost: 5, PerCluster: 2}).Makespan)
}

func TestFailureGoesOnAndIsNotUndone(t *testing.T) {
	plan := []Action{move(1, 0, 1, 8*s), move(2, 0, 2, 400*s), move(3, 0, 3, 8*s), move(4, 0, 4, s)}
	plan[0].Fails = true
	plan[3].Refused = true
	hosts := map[int]Host{0: {Load{400, 4000}, Load{300, 3000}}, 1: {Load{100, 1000}, Load{}}}
	r := Execute(plan, hosts, Config{})
	assert.Equal(t, []Step{{1, 0, 8 * s, Failed}, {2, 0, 300 * s, Timeout}, {3, 0, 8 * s, Done}, {4, 0, 0, Failed}}, r.Steps)
	assert.Equal(t, Failed, r.State)
	assert.Empty(t, r.Hosts)
}

// TestStartOrderIsNoDependency: A leaves before B enters in the document, but both are under way at once, and for that time
// the host is overfull.
func TestStartOrderIsNoDependency(t *testing.T) {
	hosts := map[int]Host{0: {Load{100, 1000}, Load{100, 1000}}, 1: {Load{100, 1000}, Load{100, 1000}}, 2: {Load{100, 1000}, Load{}}}
	chain := []Action{move(1, 1, 2, 30*s), move(2, 0, 1, 10*s)}
	r := Execute(chain, hosts, Config{})
	assert.Equal(t, Load{100, 1000}, r.Overfull)
	assert.Equal(t, []int{1}, r.Hosts)
	assert.Empty(t, Execute(chain[:1], hosts, Config{}).Hosts, "the first wave alone overfills nothing")
	hosts[1] = Host{Load{100, 1000}, Load{300, 3000}}
	assert.Equal(t, Load{100, 1000}, Execute(chain, hosts, Config{}).Overfull, "what was overfull at the start is not counted")
}

// TestWhateverHappensTheBooksBalance: random plans leave every VM's load on exactly one host, and no cap is ever broken.
func TestWhateverHappensTheBooksBalance(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		c := Config{PerHost: 1 + r.IntN(3), PerCluster: 1 + r.IntN(6)}
		var plan []Action
		hosts := map[int]Host{}
		for h := range 5 {
			hosts[h] = Host{Load{1000, 10_000}, Load{2000, 20_000}}
		}
		for vm := range 30 {
			a := move(vm, r.IntN(5), r.IntN(5), time.Duration(1+r.IntN(500))*s)
			a.Fails, a.Refused = r.IntN(5) == 0, r.IntN(8) == 0
			plan = append(plan, a)
		}
		got := Execute(plan, hosts, c)
		for i, a := range got.Steps {
			assert.Equal(t, plan[i].Refused, a.End == a.Start, "only what is refused takes no time")
			inFlight, there := 0, 0
			for k, b := range got.Steps {
				if b.Start <= a.Start && a.Start < b.End && k <= i {
					inFlight++
					if plan[k].To == plan[i].To {
						there++
					}
				}
			}
			assert.LessOrEqual(t, inFlight, c.PerCluster, "seed %d", seed)
			assert.LessOrEqual(t, there, c.PerHost, "seed %d", seed)
			if i > 0 {
				assert.LessOrEqual(t, got.Steps[i-1].Start, a.Start, "in order")
			}
			assert.Zero(t, a.Start%(15*s), "only the timer starts anything")
		}
	}
}
