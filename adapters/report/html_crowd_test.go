package report

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCrowdKeepsMarksApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	c := &crowd{}
	for range 120 {
		c.settle(400+40*rng.Float64(), 300+40*rng.Float64(), 4+10*rng.Float64())
	}
	for i, a := range c.discs {
		for _, b := range c.discs[:i] {
			assert.GreaterOrEqual(t, math.Hypot(a.x-b.x, a.y-b.y), a.r+b.r-1e-9)
		}
	}
}

func TestCrowdLeavesALoneMarkInItsPlace(t *testing.T) {
	c := &crowd{}
	x, y := c.settle(100, 200, 5)
	assert.Equal(t, [2]int{100, 200}, [2]int{x, y})
	assert.False(t, c.free(90, 190, 110, 210))
	assert.True(t, c.free(120, 190, 180, 210))
	c.box(120, 190, 180, 210)
	assert.False(t, c.free(150, 200, 190, 220), "labels do not cover each other")
}
