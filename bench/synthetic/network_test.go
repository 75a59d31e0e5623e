package synthetic

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

func TestScratch(t *testing.T) {
	for _, n := range []int{3, 10, 50, 100, 1000, 10000, 100000} {
		spec := Hierarchy(n, 1)
		c, err := topology.New(spec)
		require.NoError(t, err)
		deg := map[topology.NodeID]int{}
		for _, l := range spec.Links {
			deg[l.A]++
			deg[l.B]++
		}
		one := 0
		for _, d := range deg {
			if d == 1 {
				one++
			}
		}
		fmt.Println(n, c.NumNodes(), c.NumLinks(), float64(c.NumLinks())/float64(n), float64(one)/float64(n), len(deg), c.Digest())
	}
}
