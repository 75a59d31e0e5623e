package gap

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// Instance is one problem. Costs and uses stand by agent, then job.
type Instance struct {
	Cost     [][]int64
	Use      [][]int64
	Capacity []int64 // by agent
}

// Agents and Jobs are the size of an instance.
func (g *Instance) Agents() int { return len(g.Capacity) }
func (g *Instance) Jobs() int   { return len(g.Cost[0]) }

// ErrFormat is wrapped by errors about what stands in a file.
var ErrFormat = errors.New("not a file of generalised assignment problems")

// The limits of a file, far above the instances that there are.
const (
	maxBytes  = 64 << 20 // unpacked
	maxAgents = 256      // each becomes a dimension of capacity
	maxPairs  = 1 << 20
	maxNumber = 1 << 40
)

// Read reads the problems of a file, which may be gzipped: either one problem after the other (numbers of agents and
// jobs, costs by agent, uses by agent, capacities), or their number first.
func Read(r io.Reader) ([]*Instance, error) {
	numbers, err := readNumbers(r)
	if err != nil {
		return nil, err
	}
	if len(numbers) > 0 {
		// The two forms cannot be told apart by their first number; but that the other one comes out even is a rare accident.
		if counted, err := split(numbers[1:], numbers[0]); err == nil {
			return counted, nil
		}
	}
	return split(numbers, -1)
}

// readNumbers reads whole numbers between white space.
func readNumbers(r io.Reader) ([]int64, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		in = bufio.NewReader(unpacked)
	}
	var numbers []int64
	x, digits := int64(0), 0
	for read := 0; ; read++ {
		b, err := in.ReadByte()
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		switch {
		case read > maxBytes:
			return nil, fmt.Errorf("%w: more than %d bytes", ErrFormat, maxBytes)
		case err == nil && b >= '0' && b <= '9':
			if x, digits = 10*x+int64(b-'0'), digits+1; x > maxNumber {
				return nil, fmt.Errorf("%w: a number above %d", ErrFormat, int64(maxNumber))
			}
			continue
		case err == nil && b != ' ' && b != '\t' && b != '\n' && b != '\r':
			return nil, fmt.Errorf("%w: %q is no whole number", ErrFormat, b)
		}
		if digits > 0 {
			numbers = append(numbers, x)
			x, digits = 0, 0
		}
		if err == io.EOF {
			return numbers, nil
		}
	}
}

// split takes numbers apart into so many problems, -1: into as many as there are.
func split(numbers []int64, count int64) ([]*Instance, error) {
	var all []*Instance
	for len(numbers) > 0 && int64(len(all)) != count {
		if len(numbers) < 2 {
			return nil, fmt.Errorf("%w: it ends after %d problems and a number", ErrFormat, len(all))
		}
		m, n := numbers[0], numbers[1]
		if m < 1 || n < 1 || m > maxAgents || n > maxPairs/m {
			return nil, fmt.Errorf("%w: problem %d has %d agents and %d jobs", ErrFormat, len(all), m, n)
		}
		need := 2 + 2*m*n + m
		if int64(len(numbers)) < need {
			return nil, fmt.Errorf("%w: problem %d has %d numbers of %d", ErrFormat, len(all), len(numbers), need)
		}
		all = append(all, cut(numbers[2:need], int(m), int(n)))
		numbers = numbers[need:]
	}
	if len(numbers) > 0 || count >= 0 && int64(len(all)) != count || len(all) == 0 {
		return nil, fmt.Errorf("%w: %d problems and %d numbers more", ErrFormat, len(all), len(numbers))
	}
	return all, nil
}

func cut(numbers []int64, m, n int) *Instance {
	rows := func() (rows [][]int64) {
		for range m {
			rows = append(rows, numbers[:n])
			numbers = numbers[n:]
		}
		return rows
	}
	return &Instance{Cost: rows(), Use: rows(), Capacity: numbers[:m]}
}
