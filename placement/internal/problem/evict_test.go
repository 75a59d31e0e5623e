package problem_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/problem/problemtest"
)

// TestReliefLeadsToRoom puts out of a site whoever brings relief to an item that does not fit, until nobody does: then no
// capacity and no conflict may keep the item away that anybody's leaving would have mended.
func TestReliefLeadsToRoom(t *testing.T) {
	helped := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 9))
		p := problemtest.Random(r, problemtest.Shape{Items: 12, Sites: 3, Use: seed%2 == 0})
		s := problem.NewState(p)
		for range 80 {
			i := int32(r.IntN(p.Items))
			if pos := int32(r.IntN(len(p.Classes[p.Class[i]].Sites)+1)) - 1; s.Fits(i, pos) {
				s.Put(i, pos)
			}
		}
		i := int32(r.IntN(p.Items))
		if s.Site[i] >= 0 || len(p.Classes[p.Class[i]].Sites) == 0 {
			continue
		}
		site := p.Classes[p.Class[i]].Sites[0]
		var o problem.Obstacle
		for again := true; again; {
			again = false
			s.Obstacle(i, site, &o)
			for j := s.First(site); j >= 0; j = s.Next(j) {
				if s.Relief(&o, j, site) > 0 {
					s.Put(j, -1)
					again, helped = true, helped+1
					break
				}
			}
		}
		before := s.Refuse(i, site) & (problem.NoRoom | problem.ByConflict)
		if before == 0 {
			continue
		}
		for j := s.First(site); j >= 0; {
			next := s.Next(j)
			s.Put(j, -1)
			j = next
		}
		after := s.Refuse(i, site) & (problem.NoRoom | problem.ByConflict)
		if before&problem.NoRoom != 0 {
			require.NotZero(t, after&problem.NoRoom, "seed %d: room was there to be made", seed)
		}
	}
	require.Greater(t, helped, 50)
}
