// Package parallel runs independent pieces of work side by side.
package parallel

import (
	"sync"
	"sync/atomic"
)

// Workers is on how many goroutines [Each] works: a constant and not the number of processors, so that what a program
// costs does not depend on the machine. Two is the default of placement.Options.Workers as well.
const Workers = 2

// Each calls f for every k below n, on [Workers] goroutines that have all ended when it returns, and tells each call which
// of them it runs on, for scratch memory. Pieces are begun in order; after an error no more are begun, and the error of
// the least k is returned: with pieces that do not depend on each other the outcome is that of a loop. A panic in f
// comes out of Each.
func Each(n int, f func(worker, k int) error) error {
	var next atomic.Int64
	var failed atomic.Bool
	var ends [Workers]end
	work := func(w int) {
		e := &ends[w]
		defer func() {
			if e.running {
				failed.Store(true)
				e.panicked = recover()
			}
		}()
		for !failed.Load() {
			k := int(next.Add(1)) - 1
			if k >= n {
				return
			}
			e.running = true
			err := f(w, k)
			e.running = false
			if err != nil {
				e.k, e.err = k, err
				failed.Store(true)
			}
		}
	}
	var group sync.WaitGroup
	for w := 1; w < min(Workers, n); w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			work(w)
		}()
	}
	work(0)
	group.Wait()
	var first *end
	for w := range ends {
		e := &ends[w]
		if e.running {
			panic(e.panicked)
		}
		if e.err != nil && (first == nil || e.k < first.k) {
			first = e
		}
	}
	if first == nil {
		return nil
	}
	return first.err
}

// end is how a worker ended.
type end struct {
	running  bool // f did not return
	panicked any
	k        int
	err      error
}
