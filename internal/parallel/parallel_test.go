package parallel_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/domicile-eu/domicile/internal/parallel"
)

func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		calls := make([]int32, n)
		busy := [parallel.Workers]atomic.Bool{}
		err := parallel.Each(n, func(w, k int) error {
			assert.True(t, busy[w].CompareAndSwap(false, true), "one call at a time on each worker")
			atomic.AddInt32(&calls[k], 1)
			busy[w].Store(false)
			return nil
		})
		assert.NoError(t, err)
		for k, c := range calls {
			assert.EqualValues(t, 1, c, k)
		}
	}
}

func TestEachReturnsTheFirstError(t *testing.T) {
	for range 200 {
		err := parallel.Each(100, func(_, k int) error {
			if k >= 30 {
				return fmt.Errorf("%d", k)
			}
			return nil
		})
		assert.EqualError(t, err, "30")
	}
}

func TestEachPanics(t *testing.T) {
	assert.PanicsWithValue(t, "so", func() {
		_ = parallel.Each(10, func(_, k int) error {
			if k == 7 {
				panic("so")
			}
			return nil
		})
	})
	sentinel := errors.New("x")
	assert.PanicsWithError(t, "x", func() { _ = parallel.Each(1, func(int, int) error { panic(sentinel) }) })
}
