package simulate

import (
	"container/heap"

	"github.com/domicile-eu/domicile/migrate/execute"
	"github.com/domicile-eu/domicile/topology"
)

// event is something that will happen, or a report that will arrive.
type event struct {
	at     topology.Micros
	order  int
	happen func()
	report *execute.Report
}

// events is a heap of them, first by time, then by when they were caused.
type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, k int) bool {
	if e[i].at != e[k].at {
		return e[i].at < e[k].at
	}
	return e[i].order < e[k].order
}
func (e events) Swap(i, k int) { e[i], e[k] = e[k], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}

func (e *events) push(x event) { heap.Push(e, x) }
func (e *events) pop() event   { return heap.Pop(e).(event) }
