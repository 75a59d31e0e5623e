package migrate

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAPoolHandsOutWhatWasFreeFirst(t *testing.T) {
	p := newPool(5)
	assert.Empty(t, p.take(2, nil))
	p.give(2, 7)
	p.give(1, 8)
	assert.Equal(t, int64(6), p.free)
	assert.Empty(t, p.take(3, nil), "three are still free from the start")
	assert.Equal(t, []int32{7, 8}, p.take(3, nil))
	assert.Zero(t, p.free)
}

func TestAPoolPrefersThoseWhoAreWaitedForAnyhow(t *testing.T) {
	p := newPool(0)
	p.give(1, 7)
	p.give(1, 8)
	assert.Equal(t, []int32{8}, p.take(1, []int32{8}))
	assert.Equal(t, []int32{7}, p.take(1, nil))
}

func TestAPoolInDebtPaysFirst(t *testing.T) {
	p := newPool(-3)
	p.give(2, 7)
	assert.Equal(t, int64(-1), p.free)
	p.give(2, 8)
	assert.Equal(t, int64(1), p.free)
	assert.Equal(t, []int32{8}, p.take(1, nil), "what 7 gave back went into the debt")
}
