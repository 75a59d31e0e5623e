package migrate

import (
	"errors"
	"testing"
)

// Whatever an instance holds, it is read or refused, and what is read names no site or machine twice.
func FuzzInstance(f *testing.F) {
	f.Add([]byte(tinyInstance))
	f.Add([]byte(`{"model":{"mapping":{"onlineNodes":{"1":{"runningVMs":[1]}},"offlineNodes":[1]}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := readInstance(file{"x/instance_1.json", text})
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("%v does not say that the input is malformed", err)
			}
			return
		}
		if len(c.From) != len(c.To) || len(c.From) != len(c.Problem.Applications[0].Workloads) {
			t.Errorf("%d machines, of which %d are somewhere and %d go somewhere", len(c.Problem.Applications[0].Workloads), len(c.From), len(c.To))
		}
	})
}

func FuzzPlan(f *testing.F) {
	f.Add([]byte(tinyPlan), []byte(tinyRuns))
	f.Fuzz(func(t *testing.T, text, lines []byte) {
		p, err := readPlan(file{"random.1.json", text})
		if err == nil {
			_, err = readRuns(file{"micro.1.csv", lines}, p)
		}
		if err != nil && !errors.Is(err, ErrFormat) {
			t.Errorf("%v does not say that the input is malformed", err)
		}
	})
}
