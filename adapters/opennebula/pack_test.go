package opennebula

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// packed is a cluster that wants few hosts in use; each VM may be on every host.
func packed(vms []VM, most ...int64) *Document {
	d := &Document{VMs: vms, Clusters: []Cluster{{ID: 0, DRS: map[string]string{"POLICY": "pack", "MIGRATION_THRESHOLD": "10"}}}}
	hosts(d, most...)
	for _, v := range vms {
		r := Requirement{VM: v.ID, Datastores: []int{100}}
		for h := range most {
			r.Hosts = append(r.Hosts, h)
		}
		d.Requirements = append(d.Requirements, r)
	}
	return d
}

// whither decides until nothing more is asked for, and returns where VMs are then.
func whither(t *testing.T, d *Document) string {
	t.Helper()
	for range 10 {
		a := decide(t, d, &Config{Mode: Optimize, MaxSteps: 20_000})
		if len(a.Wave.Actions) == 0 {
			break
		}
		carry(d, &a.Wave)
	}
	out := make(map[int][]int)
	for _, v := range d.VMs {
		out[v.Running.Host] = append(out[v.Running.Host], v.ID)
	}
	var lines []string
	for _, h := range slices.Sorted(maps.Keys(out)) {
		lines = append(lines, fmt.Sprint(h, ":", out[h]))
	}
	return fmt.Sprint(lines)
}

func TestDecide_pack(t *testing.T) {
	three := func() []VM { return []VM{running(1, 0, 2), running(2, 1, 2), running(3, 1, 2), running(4, 2, 2)} }
	assert.Equal(t, "[1:[1 2 3 4]]", whither(t, packed(three(), 8, 8, 8)))
	assert.Equal(t, "[0:[1] 1:[2 3] 2:[4]]", whither(t, packed(three(), 2, 4, 2)), "all are full")

	assert.Equal(t, "[1:[1 2 3]]", whither(t, packed(three()[:3], 8, 8, 8)), "what is empty stays so")
	assert.Equal(t, "[0:[1] 1:[2 3]]", whither(t, packed(three()[:3], 2, 4, 8)), "nothing is won by going to an empty one")

	d := packed(three(), 8, 8, 8)
	d.Clusters[0].DRS["POLICY"] = "balance"
	assert.NotEqual(t, "[1:[1 2 3 4]]", whither(t, d))

	d = packed(three(), 8, 8, 8)
	d.Groups = []Group{{ID: 0, Roles: []Role{{Name: "a", Policy: "ANTI_AFFINED", VMs: []int{1, 2}}}}}
	assert.Equal(t, 2, uses(whither(t, d)), "they must not meet")

	d = packed(three(), 8, 8, 8)
	d.VMs[0].Attributes = map[string]string{"ONEDRS_BLOCKED": "YES"}
	assert.Contains(t, whither(t, d), "0:[1", "it stays, and so does its host")

	d = packed(three(), 8, 8, 8)
	d.VMs[1].UsedCPU, d.VMs[2].UsedCPU, d.VMs[0].UsedCPU, d.VMs[3].UsedCPU = 4, 4, 4, 4
	d.Hosts[0].MeasuredCPU, d.Hosts[1].MeasuredCPU, d.Hosts[2].MeasuredCPU = 4, 8, 4
	assert.Equal(t, 2, uses(whither(t, d)), "what VMs were seen to use counts, too: two of them fill a host")

	d = packed(three(), 8, 8, 8)
	d.Clusters[0].DRS["MIGRATION_THRESHOLD"] = "1"
	a := decide(t, d, &Config{Mode: Optimize, MaxSteps: 20_000})
	assert.Len(t, a.Target, 1, "no more moves than are allowed")
}

func uses(text string) (n int) {
	for _, r := range text {
		if r == ':' {
			n++
		}
	}
	return n
}

// Against every assignment of small clusters: never more hosts than before, nearly always as few as possible.
func TestDecide_packOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	best, all := 0, 0
	for range 40 {
		most := []int64{4 + r.Int64N(5), 4 + r.Int64N(5), 4 + r.Int64N(5)}
		use := make([]int64, 3)
		var vms []VM
		for id := range 5 {
			if h, cpu := r.IntN(3), 1+r.Int64N(3); use[h]+cpu <= most[h] {
				use[h] += cpu
				vms = append(vms, running(id, h, cpu))
			}
		}
		d := packed(vms, most...)
		on := map[int]bool{}
		for _, v := range vms {
			on[v.Running.Host] = true
		}
		got := uses(whither(t, d))
		assert.LessOrEqual(t, got, len(on))
		least := fewest(vms, most)
		assert.GreaterOrEqual(t, got, least)
		if all++; got == least {
			best++
		}
	}
	assert.GreaterOrEqual(t, best, all*3/4, "%d of %d", best, all)
}

// fewest counts hosts by trying all assignments.
func fewest(vms []VM, most []int64) int {
	least := len(most)
	total := 1
	for range vms {
		total *= len(most)
	}
	for code := range total {
		use, on := make([]int64, len(most)), map[int]bool{}
		fits := true
		for i, x := 0, code; i < len(vms); i, x = i+1, x/len(most) {
			h := x % len(most)
			use[h] += vms[i].CPU
			on[h] = true
			fits = fits && use[h] <= most[h]
		}
		if fits {
			least = min(least, len(on))
		}
	}
	return least
}
