package migrate

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// dataFile opens a file of the outside data, and skips the test where there is none.
func dataFile(t *testing.T, name string) io.ReadCloser {
	t.Helper()
	root := os.Getenv("DOMICILE_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(root, name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no outside data: %s is not there (set DOMICILE_DATA)", filepath.Join(root, name))
	}
	require.NoError(t, err)
	return f
}

// TestPredictAgainstRealMigrations compares the model with 2,000 live migrations timed on Grid'5000 (V. Kherbache).
func TestPredictAgainstRealMigrations(t *testing.T) {
	f := dataFile(t, "migration/plans_50_runs_200.tar.gz")
	defer f.Close()
	zipped, err := gzip.NewReader(f)
	require.NoError(t, err)
	plans := make(map[string]map[string]placement.Migration) // per plan and VM
	runs := make(map[string][]string)                        // per plan: lines of all four executions
	for files := tar.NewReader(zipped); ; {
		head, err := files.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		base := path.Base(head.Name)
		number := regexp.MustCompile(`random\.(\d+)\.`).FindStringSubmatch(base)
		switch {
		case number == nil:
		case strings.HasSuffix(base, ".json"):
			plans[number[1]] = readPlan(t, files)
		case strings.HasSuffix(base, ".csv"):
			for lines := bufio.NewScanner(files); lines.Scan(); {
				runs[number[1]] = append(runs[number[1]], lines.Text())
			}
		}
	}
	line := regexp.MustCompile(`vm=vm#(\d+), .*bw=(\d+)\)\};(\d+);(\d+);`)
	var n, covered int
	var sum float64
	for plan, list := range runs {
		for _, text := range list {
			m := line.FindStringSubmatch(text)
			if m == nil {
				continue
			}
			mbit, _ := strconv.ParseInt(m[2], 10, 64)
			start, _ := strconv.ParseFloat(m[3], 64)
			end, _ := strconv.ParseFloat(m[4], 64)
			facts, ok := plans[plan][m[1]]
			require.True(t, ok, text)
			e, err := Predict(&placement.Workload{Kind: placement.VM, Migration: facts}, placement.PreCopy, mbit*1e6, &Options{Setup: -1})
			require.NoError(t, err)
			sum += math.Abs(float64(e.Duration)/1e6-(end-start)) / (end - start)
			// The runs are timed in whole seconds.
			if end-start <= math.Ceil(float64(e.Safe)/1e6) {
				covered++
			}
			n++
		}
	}
	require.Equal(t, 2000, n)
	share := float64(covered) / float64(n)
	t.Logf("mean absolute error over %d migrations: %.2f %%; the safe duration covers %.2f %%", n, 100*sum/float64(n), 100*share)
	assert.Greater(t, share, 0.95)
	assert.Less(t, sum/float64(n), 0.067)
}

// readPlan reads the facts of the VMs, in MB of 10^6 bytes.
func readPlan(t *testing.T, r io.Reader) map[string]placement.Migration {
	var plan struct {
		Origin struct {
			Attributes struct {
				VMs map[string]struct {
					MaxDirtySize, MaxDirtyDuration, MemUsed, DirtyRate float64
				} `json:"vms"`
			}
		}
	}
	require.NoError(t, json.NewDecoder(r).Decode(&plan))
	out := make(map[string]placement.Migration)
	for id, vm := range plan.Origin.Attributes.VMs {
		out[id] = placement.Migration{
			Memory: int64(vm.MemUsed * 1e6), HotSet: int64(vm.MaxDirtySize * 1e6),
			HotPeriod: topology.Micros(vm.MaxDirtyDuration * 1e6), DirtyRate: int64(vm.DirtyRate * 1e6),
		}
	}
	return out
}
