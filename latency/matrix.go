package latency

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// Matrix is a table of round trips between places.
type Matrix struct {
	Names []topology.NodeID
	Where []*topology.Location // of each place; nil: the file does not say
	// RTT is the round trip by row and column, 0 where it is unknown and on the diagonal.
	RTT [][]topology.Micros
}

const (
	mostMatrixPlaces  = 4096
	mostMatrixBytes   = 256 << 20
	mostMatrixDefects = 100
)

// ReadMatrix reads a CSV matrix: a header whose first cell is free, optionally lat and lon, then the names; one row a place in
// the same order, with its name, its coordinates if the header has them (empty: unknown) and round trips in milliseconds.
// Empty, negative and zero cells are unknown, as is the diagonal; positive ones below a microsecond count as one.
//
// file is only the name used in errors, which read FILE:LINE: column: message and name up to 100 defects; each wraps
// [ErrInvalid]. At most 4,096 places and 256 MiB.
func ReadMatrix(file string, r io.Reader) (*Matrix, error) {
	return readMatrix(file, r, mostMatrixBytes)
}

func readMatrix(file string, r io.Reader, most int64) (*Matrix, error) {
	limited := &io.LimitedReader{R: r, N: most + 1}
	in := bufio.NewReader(limited)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		in.Discard(3)
	}
	m := &matrixReader{file: file, csv: csv.NewReader(in)}
	m.csv.FieldsPerRecord = -1
	m.csv.ReuseRecord = true
	err := m.read()
	switch {
	case limited.N <= 0:
		return nil, fmt.Errorf("%w: %s: is larger than %d MiB", ErrInvalid, file, most>>20)
	case err != nil:
		m.defects = append(m.defects, err)
	}
	if m.more > 0 {
		m.defects = append(m.defects, fmt.Errorf("%w: %s: and %d more", ErrInvalid, file, m.more))
	}
	if err := errors.Join(m.defects...); err != nil {
		return nil, err
	}
	return &m.out, nil
}

type matrixReader struct {
	file    string
	csv     *csv.Reader
	out     Matrix
	skip    int // columns before the first place
	defects []error
	more    int
}

// defect notes one in a column of the current row.
func (m *matrixReader) defect(column int, format string, args ...any) {
	if len(m.defects) >= mostMatrixDefects {
		m.more++
		return
	}
	line, _ := m.csv.FieldPos(column)
	m.defects = append(m.defects, fmt.Errorf("%w: %s:%d: %s: %s", ErrInvalid, m.file, line, m.column(column), fmt.Sprintf(format, args...)))
}

// column names a column: by its place, or by its number.
func (m *matrixReader) column(i int) string {
	if k := i - m.skip; m.skip > 0 && k >= 0 && k < len(m.out.Names) {
		return string(m.out.Names[k])
	}
	return fmt.Sprintf("column %d", i+1)
}

// read reads all rows. An error is one that ends reading.
func (m *matrixReader) read() error {
	header, err := m.row()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: %s: is empty", ErrInvalid, m.file)
		}
		return err
	}
	if err := m.readHeader(header); err != nil {
		return err
	}
	for {
		cells, err := m.row()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(m.out.RTT) == len(m.out.Names) {
			m.defect(0, "the header names only %d places", len(m.out.Names))
			return nil
		}
		m.readRow(cells)
	}
	if got := len(m.out.RTT); got < len(m.out.Names) {
		return fmt.Errorf("%w: %s: has %d rows for %d places", ErrInvalid, m.file, got, len(m.out.Names))
	}
	return nil
}

// row returns the next row; io.EOF after the last.
func (m *matrixReader) row() ([]string, error) {
	cells, err := m.csv.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %s: %w", ErrInvalid, m.file, err)
	}
	return cells, err
}

func (m *matrixReader) readHeader(cells []string) error {
	skip := 1
	if len(cells) >= 3 && strings.EqualFold(strings.TrimSpace(cells[1]), "lat") && strings.EqualFold(strings.TrimSpace(cells[2]), "lon") {
		skip = 3
	}
	if n := len(cells) - skip; n > mostMatrixPlaces {
		return fmt.Errorf("%w: %s: %d places are more than %d", ErrInvalid, m.file, n, mostMatrixPlaces)
	}
	seen := map[topology.NodeID]bool{}
	for i, name := range cells[skip:] {
		id := topology.NodeID(strings.Clone(strings.TrimSpace(name)))
		switch {
		case id == "":
			m.defect(skip+i, "the name is empty")
		case seen[id]:
			m.defect(skip+i, "the name %q is there twice", string(id))
		}
		seen[id] = true
		m.out.Names = append(m.out.Names, id)
	}
	m.skip = skip
	if len(m.out.Names) < 2 {
		return fmt.Errorf("%w: %s: a matrix needs two places", ErrInvalid, m.file)
	}
	return nil
}

func (m *matrixReader) readRow(cells []string) {
	at := len(m.out.RTT)
	row := make([]topology.Micros, len(m.out.Names))
	m.out.RTT = append(m.out.RTT, row)
	m.out.Where = append(m.out.Where, nil)
	if len(cells) != m.skip+len(row) {
		m.defect(0, "the row has %d cells, the header %d", len(cells), m.skip+len(row))
		return
	}
	if name := strings.TrimSpace(cells[0]); name != string(m.out.Names[at]) {
		m.defect(0, "the row is %q, but the header's place %d is %q", name, at+1, string(m.out.Names[at]))
	}
	if m.skip == 3 {
		m.out.Where[at] = m.location(cells[1], cells[2])
	}
	for k, cell := range cells[m.skip:] {
		if k == at || strings.TrimSpace(cell) == "" {
			continue
		}
		rtt, err := micros(cell)
		if err != nil {
			m.defect(m.skip+k, "%v", err)
		}
		row[k] = rtt
	}
}

// location reads a pair of coordinates, nil where both are empty.
func (m *matrixReader) location(lat, lon string) *topology.Location {
	if strings.TrimSpace(lat) == "" && strings.TrimSpace(lon) == "" {
		return nil
	}
	degrees := func(column int, cell string, most float64) float64 {
		x, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
		if err != nil || !(math.Abs(x) <= most) {
			m.defect(column, "%q is no number of degrees from -%v to %v", cell, most, most)
			return 0
		}
		return x
	}
	return &topology.Location{Lat: degrees(1, lat, 90), Lon: degrees(2, lon, 180)}
}

// micros reads milliseconds; 0 where they are not positive.
func micros(cell string) (topology.Micros, error) {
	ms, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
	const hour = 3600e3
	switch {
	case err != nil || math.IsNaN(ms) || math.IsInf(ms, 0):
		return 0, fmt.Errorf("%.40q is no number of milliseconds", cell)
	case ms > hour:
		return 0, fmt.Errorf("%v ms are more than an hour", ms)
	case ms <= 0:
		return 0, nil
	}
	return max(topology.Micros(math.Round(ms*1000)), 1), nil
}

// Observations returns the known pairs, in order of row and column, as observations that never vary and do not say when they
// were made. Where both directions are known the slower one counts.
func (m *Matrix) Observations(source string) []Observation {
	var out []Observation
	for i, row := range m.RTT {
		for j := i + 1; j < len(row); j++ {
			if rtt := max(row[j], m.RTT[j][i]); rtt > 0 {
				out = append(out, Observation{
					A: m.Names[i], B: m.Names[j], RTT: topology.RTT{P50: rtt, P95: rtt, P99: rtt}, Source: source,
				})
			}
		}
	}
	return out
}
