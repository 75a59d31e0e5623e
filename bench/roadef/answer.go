package roadef

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/domicile-eu/domicile/placement"
)

// Assigned returns the machine of each process in an assignment of the model's problem. One that leaves a process out is an
// error.
func (m *Model) Assigned(a placement.Assignment) ([]int, error) {
	on := make([]int, len(m.Processes))
	for i := range on {
		s, ok := a[workloadID(i)]
		if !ok {
			return nil, fmt.Errorf("process %d is on no machine", i)
		}
		on[i] = machineOf(s)
	}
	return on, nil
}

// WriteAssignment writes the machine of each process in the challenge's format: one line of numbers.
func WriteAssignment(w io.Writer, on []int) error {
	b := bufio.NewWriter(w)
	var text []byte
	for i, machine := range on {
		text = text[:0]
		if i > 0 {
			text = append(text, ' ')
		}
		_, _ = b.Write(strconv.AppendInt(text, int64(machine), 10)) // an error stays
	}
	_, _ = b.WriteString("\n")
	return b.Flush()
}
