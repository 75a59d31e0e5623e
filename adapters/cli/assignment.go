package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// maxAssignmentBytes bounds a file with a current assignment: a million workloads of a hundred bytes each.
const maxAssignmentBytes = 128 << 20

// readAssignment reads {"workload": "site", ...}, or the output of place -json. A workload that stands there twice is a
// defect, and so is a file that says nothing: where things run is too costly to guess.
func readAssignment(file string) (placement.Assignment, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxAssignmentBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(data) > maxAssignmentBytes {
		return nil, fmt.Errorf("%s: larger than %d bytes", file, maxAssignmentBytes)
	}
	var whole struct {
		Result *struct {
			Assignment json.RawMessage `json:"assignment"`
		} `json:"result"`
	}
	if err := json.Unmarshal(data, &whole); err == nil && whole.Result != nil {
		data = whole.Result.Assignment
	}
	a, err := parseAssignment(data)
	if err != nil {
		return nil, fmt.Errorf("%s: neither an assignment {\"workload\": \"site\"} nor a result of place -json: %w", file, err)
	}
	return a, nil
}

func parseAssignment(data []byte) (placement.Assignment, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("no mapping"), err)
	}
	a := placement.Assignment{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		w := placement.WorkloadID(key.(string)) // between braces a decoder yields keys as strings
		if _, twice := a[w]; twice {
			return nil, fmt.Errorf("%s stands there twice", w)
		}
		var s topology.SiteID
		if err := d.Decode(&s); err != nil {
			return nil, fmt.Errorf("%s: %w", w, err)
		}
		a[w] = s
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more behind the assignment")
	}
	if len(a) == 0 {
		return nil, errors.New("it is empty")
	}
	return a, nil
}

// checkCurrent refuses a current assignment that names what is not there: it would move everything for free.
func (l *loaded) checkCurrent(file string) error {
	known := map[placement.WorkloadID]bool{}
	for _, app := range l.applications {
		for i := range app.Workloads {
			known[app.Workloads[i].ID] = true
		}
	}
	workloads, sites := 0, 0
	for w, s := range l.current {
		if !known[w] {
			workloads++
		}
		if _, ok := l.continuum.Site(s); !ok {
			sites++
		}
	}
	if workloads+sites == 0 {
		return nil
	}
	return fmt.Errorf("%s: of %d entries %d name unknown workloads and %d unknown sites", file, len(l.current), workloads, sites)
}
