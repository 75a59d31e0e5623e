package migrate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/bench/harness"
)

func runSuite[T any](t *testing.T, args ...string) (*T, error) {
	t.Helper()
	outcome, err := Suite.Run(t.Context(), args...)
	if err != nil {
		return nil, err
	}
	assert.NotEmpty(t, outcome.Table())
	text, err := json.Marshal(outcome)
	require.NoError(t, err)
	require.NotContains(t, string(text), "null")
	return outcome.(any).(*T), nil
}

// tinyInstance: machines 0 and 1 swap servers 0 and 1, which are full, by way of server 2, which boots first.
const tinyInstance = `{"model": {
	"mapping": {"onlineNodes": {"0": {"runningVMs": [0]}, "1": {"runningVMs": [1, 2]}}, "offlineNodes": [2]},
	"attributes": {"nodes": {"2": {"boot": 120}}, "vms": {
		"0": {"memUsed": 1000, "hotDirtySize": 0, "hotDirtyDuration": 0, "coldDirtyRate": 0},
		"1": {"memUsed": 1000, "hotDirtySize": 5, "hotDirtyDuration": 3, "coldDirtyRate": 1.0}, "2": {"memUsed": 500}}},
	"views": [
		{"id": "shareableResource", "rcId": "mem", "defCapacity": 2, "nodes": {"0": 1}, "defConsumption": 0, "vms": {"0": 1, "1": 1, "2": 1}},
		{"id": "net", "switches": [{"id": 0}, {"id": 1}], "links": [
			{"id": 0, "capacity": 1000, "switch": 0, "physicalElement": {"id": 0, "type": "node"}},
			{"id": 1, "capacity": 1000, "switch": 0, "physicalElement": {"id": 1, "type": "node"}},
			{"id": 2, "capacity": 1000, "switch": 0, "physicalElement": {"id": 2, "type": "node"}},
			{"id": 3, "capacity": 10000, "switch": 1, "physicalElement": {"id": 0, "type": "switch"}}]}]},
	"constraints": [{"id": "fence", "vm": 0, "nodes": [1]}, {"id": "fence", "vm": 1, "nodes": [0]}, {"id": "offline", "node": 0}]}`

func write(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	return dir
}

func TestInstances(t *testing.T) {
	dir := write(t, map[string]string{
		"swap/instances/x1/instance_2.json":  tinyInstance,
		"swap/instances/x1/instance_10.json": tinyInstance,
		"swap/instances/x2/instance_1.json":  tinyInstance,
		"swap/instances/x2/readme.txt":       "no instance",
	})
	out := filepath.Join(dir, "plans.json")
	r, err := runSuite[instancesResult](t, "-instances", dir, "-out", out)
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Equal(t, 3, r.Instances)
	assert.Zero(t, r.Deadlocks)
	require.Len(t, r.Classes, 2)
	assert.Equal(t, "swap/x1", r.Classes[0].Name)
	assert.Equal(t, 2, r.Classes[0].Instances)
	assert.Equal(t, 6, r.Classes[0].Moves)
	assert.Equal(t, 2, r.Classes[0].Staged, "one of two full servers has to wait elsewhere")
	assert.GreaterOrEqual(t, r.Classes[0].MeanGap, 0.0)

	text, err := os.ReadFile(out)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 3)
	var first struct {
		Instance string
		Plan     struct {
			Moves []struct {
				To          string
				StartMicros int64
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	assert.Equal(t, "swap/instances/x1/instance_2.json", first.Instance, "numbers count as numbers")
	require.Equal(t, "s00002", first.Plan.Moves[0].To)
	assert.Equal(t, int64(120e6), first.Plan.Moves[0].StartMicros, "after the boot")

	few, err := runSuite[instancesResult](t, "-instances", dir, "-limit", "1")
	require.NoError(t, err)
	assert.Equal(t, 2, few.Instances)
	assert.Equal(t, 1, few.leftOut)
}

// With no server to wait on, nothing moves, and the suite fails.
func TestDeadlock(t *testing.T) {
	dir := write(t, map[string]string{"x/instance_1.json": strings.Replace(tinyInstance, `"nodes": {"0": 1}`, `"nodes": {"0": 1, "2": 0}`, 1)})
	r, err := runSuite[instancesResult](t, "-instances", dir)
	require.NoError(t, err)
	assert.Equal(t, 1, r.Deadlocks)
	assert.Zero(t, r.Violations)
	assert.Len(t, r.Failures(), 1)
}

// tinyPlan: two machines swap servers 0 and 2, which have room, one after the other where both could go at once.
const tinyPlan = `{"origin": {
	"mapping": {"onlineNodes": {"0": {"runningVMs": [0]}, "2": {"runningVMs": [1]}}, "offlineNodes": []},
	"attributes": {"vms": {"0": {"memUsed": 2000, "maxDirtySize": 96, "maxDirtyDuration": 2, "dirtyRate": 2.0},
		"1": {"memUsed": 2000, "maxDirtySize": 96, "maxDirtyDuration": 2, "dirtyRate": 2.0}}},
	"views": [{"id": "shareableResource", "rcId": "mem", "nodes": {"0": 4, "2": 4}, "vms": {"0": 1, "1": 1}}]},
	"actions": [{"id": "migrateVM", "vm": 0, "from": 0, "to": 2, "bw": 500, "start": 0, "end": 51},
		{"id": "migrateVM", "vm": 1, "from": 2, "to": 0, "bw": 500, "start": 51, "end": 102}]}`

const tinyRuns = `ACTION;START;END;RUN
{action=migrate(vm=vm#0, from=node#0, to=node#2, bw=500)};1000;1045;1
{action=migrate(vm=vm#1, from=node#2, to=node#0, bw=500)};1000;1300;1
`

func TestPlans(t *testing.T) {
	dir := write(t, map[string]string{"input/random.1.json": tinyPlan, "runs/micro_random.1.csv": tinyRuns, "topology.xml": "<x/>"})
	r, err := runSuite[plansResult](t, "-plans", dir)
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Equal(t, 1, r.Plans)
	assert.Equal(t, 51.0, r.MeanMakespan)
	assert.Equal(t, 51.0, r.MeanBound)
	assert.Equal(t, 102.0, r.PeerMean)
	assert.Equal(t, [4]int{1, 0, 0, 1}, [4]int{r.Better, r.Equal, r.Worse, r.Optimal})
	assert.Equal(t, 2, r.Runs)
	assert.Equal(t, 0.5, r.SafeCoverage, "45 s are likely, 300 s are not")
	assert.Greater(t, r.MAPE, 0.4)
}

func TestMalformed(t *testing.T) {
	for name, c := range map[string]struct{ flag, file, old, new, want string }{
		"json":          {"-instances", "instance_1.json", "{", "", "instance_1.json"},
		"two targets":   {"-instances", "instance_1.json", `"nodes": [1]}`, `"nodes": [1, 2]}`, "no target"},
		"constraint":    {"-instances", "instance_1.json", `"offline"`, `"spread"`, `"spread" is unknown`},
		"element":       {"-instances", "instance_1.json", `"switch"}`, `"router"}`, "neither node nor switch"},
		"link":          {"-instances", "instance_1.json", `10000`, `-1`, "link 3"},
		"amount":        {"-instances", "instance_1.json", `"defCapacity": 2`, `"defCapacity": -2`, "sensible"},
		"memory":        {"-instances", "instance_1.json", `500`, `-500`, "vm 2"},
		"twice":         {"-instances", "instance_1.json", `[1, 2]`, `[1, 1]`, "runs twice"},
		"nowhere":       {"-instances", "instance_1.json", `"vm": 0`, `"vm": 9`, "runs nowhere"},
		"action":        {"-plans", "random.1.json", `migrateVM`, `bootNode`, "cannot be compared"},
		"rate":          {"-plans", "random.1.json", `"bw": 500`, `"bw": 400`, "the links have 500"},
		"time":          {"-plans", "random.1.json", `"end": 51`, `"end": 0`, "action 0"},
		"server":        {"-plans", "random.1.json", `"0": {"runningVMs"`, `"7": {"runningVMs"`, "server 7"},
		"run":           {"-plans", "micro.1.csv", `bw=500`, `bw=x`, "micro.1.csv:2"},
		"run backwards": {"-plans", "micro.1.csv", `1045`, `999`, "in -1 s"},
		"run of none":   {"-plans", "micro.1.csv", `vm#0`, `vm#9`, "vm 9"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"instance_1.json": tinyInstance}
			if c.flag == "-plans" {
				files = map[string]string{"random.1.json": tinyPlan, "micro.1.csv": tinyRuns}
			}
			require.Contains(t, files[c.file], c.old)
			files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
			_, err := Suite.Run(t.Context(), c.flag, write(t, files))
			require.ErrorIs(t, err, ErrFormat)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestSynthetic(t *testing.T) {
	for _, what := range []string{"moves=300,sites=40,fill=0.8", "rings=5,size=3,spares=1"} {
		r, err := runSuite[syntheticResult](t, "-synthetic", what, "-seed", "3")
		require.NoError(t, err)
		assert.Empty(t, r.Failures())
		assert.Zero(t, r.Stuck)
		assert.GreaterOrEqual(t, r.Makespan, r.Bound)
		again, err := runSuite[syntheticResult](t, "-synthetic", what, "-seed", "3")
		require.NoError(t, err)
		again.PlanSeconds = r.PlanSeconds
		assert.Equal(t, r, again)
		if strings.HasPrefix(what, "rings") {
			assert.Equal(t, 20, r.Moves)
			assert.Equal(t, 5, r.Staged)
		} else {
			assert.GreaterOrEqual(t, r.Moves, 300)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, wrong := range [][]string{
		{}, {"-instances", "x", "-plans", "y"}, {"-plans", "x", "-limit", "-1"}, {"-plans", "x", "-budget", "0s"},
		{"-synthetic", "moves=10"}, {"-synthetic", "moves=10,sites=2,fill=0.5,spares=1"}, {"-synthetic", "rings=3,size=1"},
		{"-synthetic", "spares=3"}, {"-synthetic", "moves=x,sites=2,fill=1"}, {"-synthetic", "size"}, {"-synthetic", "colour=3"},
		{"-synthetic", "rings=1000000,size=1000000,spares=0"}, {"-synthetic", "moves=3,sites=3,fill=NaN"},
	} {
		_, err := Suite.Run(t.Context(), wrong...)
		assert.ErrorIs(t, err, harness.ErrUsage, "%v", wrong)
	}
	_, err := Suite.Run(t.Context(), "-instances", "nowhere")
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = Suite.Run(t.Context(), "-instances", t.TempDir())
	assert.ErrorIs(t, err, ErrFormat)
}
