package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/domicile-eu/domicile/migrate"
)

// Limits of a plan that is read.
const (
	mostBytes = 64 << 20
	mostMoves = 100_000
)

// ErrInvalid is wrapped by errors about plans that are malformed.
var ErrInvalid = errors.New("invalid plan")

// Read reads a plan of package migrate in JSON. Fields that it does not know are ignored; the error names every defect.
func Read(file string, r io.Reader) (*migrate.Plan, error) {
	b, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > mostBytes {
		return nil, fmt.Errorf("%w: %s: more than %d bytes", ErrInvalid, file, mostBytes)
	}
	p := &migrate.Plan{}
	if err := json.Unmarshal(b, p); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInvalid, file, err)
	}
	if len(p.Moves) > mostMoves {
		return nil, fmt.Errorf("%w: %s: more than %d moves", ErrInvalid, file, mostMoves)
	}
	var errs []error
	bad := func(k int, field, why string) {
		if len(errs) < 100 {
			errs = append(errs, fmt.Errorf("%w: %s: moves[%d].%s: %s", ErrInvalid, file, k, field, why))
		}
	}
	ids := make(map[int]bool, len(p.Moves))
	for k := range p.Moves {
		m := &p.Moves[k]
		if ids[m.ID] {
			bad(k, "id", fmt.Sprintf("%d is there twice", m.ID))
		}
		ids[m.ID] = true
		if m.Workload == "" {
			bad(k, "workload", "is missing")
		}
		if m.From == "" || m.To == "" || m.From == m.To {
			bad(k, "to", "from and to must be two sites")
		}
	}
	for k := range p.Moves {
		for _, id := range p.Moves[k].After {
			if !ids[id] {
				bad(k, "after", fmt.Sprintf("there is no move %d", id))
			}
		}
	}
	return p, errors.Join(errs...)
}
