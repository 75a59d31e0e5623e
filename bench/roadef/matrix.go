package roadef

import "math"

// matrix is costs of moving between machines, by start and then by end. Most are small, so that a byte holds each until one
// is larger: the largest instances have 25 million of them.
type matrix struct {
	narrow []uint8
	wide   []int64 // instead, once one is above 255
}

func (m *matrix) add(v int64) {
	if m.wide == nil && v <= math.MaxUint8 {
		m.narrow = append(m.narrow, uint8(v))
		return
	}
	if m.wide == nil {
		m.wide = make([]int64, 0, len(m.narrow)+1)
		for _, x := range m.narrow {
			m.wide = append(m.wide, int64(x))
		}
		m.narrow = nil
	}
	m.wide = append(m.wide, v)
}

func (m *matrix) at(i int) int64 {
	if m.wide != nil {
		return m.wide[i]
	}
	return int64(m.narrow[i])
}
