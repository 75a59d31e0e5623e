package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/domicile-eu/domicile/placement"
)

// maxAssignmentBytes bounds a file with a current assignment: a million workloads of a hundred bytes each.
const maxAssignmentBytes = 128 << 20

// readAssignment reads {"workload": "site", ...}, or the output of place -json.
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
		Result *placement.Result `json:"result"`
	}
	if err := json.Unmarshal(data, &whole); err == nil && whole.Result != nil {
		return whole.Result.Assignment, nil
	}
	var a placement.Assignment
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, fmt.Errorf("%s: neither an assignment {\"workload\": \"site\"} nor a result of place -json: %w", file, err)
	}
	return a, nil
}
