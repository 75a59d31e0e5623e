package roadef

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
)

// tiny is an instance made up for these tests: two resources, the second transient; three machines in two locations and two
// neighbourhoods; a service of two processes that wants both locations, one that depends on it, and one without processes.
const tiny = `2
0 10
1 100
3
0 0 20 10 8 7  0 1 2
0 1 12 10 12 0 1 0 300
1 1 10 9  4 3  2 1 0
4
2 0
0 2 0 0
0 0
1 1 1
5
0 6 3 5
0 2 3 1
1 4 2 0
3 3 1 2
3 1 0 7
2
0 1 2 3
1 0 1 1
2 4 3
`

const tinyInitial = "0 1 0 1 0\n"

func mustRead(t testing.TB, model, initial string) (*Model, []int) {
	t.Helper()
	m, err := ReadModel("model", strings.NewReader(model))
	require.NoError(t, err)
	on, err := m.ReadAssignment("initial", strings.NewReader(initial))
	require.NoError(t, err)
	return m, on
}

func TestReadModel(t *testing.T) {
	m, on := mustRead(t, tiny, tinyInitial)
	assert.Equal(t, []int{0, 1, 0, 1, 0}, on)
	assert.Equal(t, []Resource{{false, 10}, {true, 100}}, m.Resources)
	assert.Equal(t, Machine{1, 1, []int64{10, 9}, []int64{4, 3}}, m.Machines[2])
	assert.Equal(t, []Service{{Spread: 2}, {Needs: []int{0, 0}}, {}, {Spread: 1, Needs: []int{1}}}, m.Services)
	assert.Equal(t, Process{3, []int64{3, 1}, 2}, m.Processes[3])
	assert.Equal(t, []Balance{{0, 1, 2, 3}, {1, 0, 1, 1}}, m.Balances)
	assert.Equal(t, []int64{2, 4, 3}, []int64{m.ProcessMove, m.ServiceMove, m.MachineMove})
	assert.EqualValues(t, 300, m.MoveCost(1, 2))
	assert.EqualValues(t, 2, m.MoveCost(0, 2))
	assert.EqualValues(t, 1, m.MoveCost(2, 1))

	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte(tiny))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	again, err := ReadModel("model.gz", &packed)
	require.NoError(t, err)
	assert.Equal(t, m, again)
}

// TestMappingIsTermForTerm looks at every assignment of the tiny instance: the problem allows what the challenge allows, and
// is worth what it costs there.
func TestMappingIsTermForTerm(t *testing.T) {
	m, initial := mustRead(t, tiny, tinyInitial)
	p, err := m.Problem(initial)
	require.NoError(t, err)
	allowed, costs, least := 0, map[int64]bool{}, int64(1<<62)
	on := make([]int, len(m.Processes))
	for code := range 3 * 3 * 3 * 3 * 3 {
		for i := range on {
			on[i] = code % 3
			code /= 3
		}
		cost, ok := challengeCost(m, initial, on)
		a := m.assignment(on)
		worth, err := placement.Evaluate(context.Background(), p, a)
		require.NoError(t, err)
		require.Equal(t, []placement.TierValue{{Name: "unplaced"}, {Name: "cost", Value: cost}}, worth.Tiers, "%v", on)
		found, err := placement.Check(context.Background(), p, a)
		require.NoError(t, err)
		require.Equal(t, ok, len(found) == 0, "%v: %v", on, found)
		back, err := m.Assigned(a)
		require.NoError(t, err)
		require.Equal(t, on, back)
		costs[cost] = true
		if ok {
			allowed++
			least = min(least, cost)
		}
	}
	require.Greater(t, len(costs), 100)
	require.Greater(t, allowed, 5)

	solved, err := placement.Solve(context.Background(), p, &placement.Options{MaxSteps: 20_000})
	require.NoError(t, err)
	require.Equal(t, least, solved.Tiers[1].Value)
}

// published are the costs of the initial assignments as the organisers of the challenge give them.
var published = map[string]int64{
	"a1_1": 49_528_750, "a1_2": 1_061_649_570, "a1_3": 583_662_270, "a1_4": 632_499_600, "a1_5": 782_189_690,
	"a2_1": 391_189_190, "a2_2": 1_876_768_120, "a2_3": 2_272_487_840, "a2_4": 3_223_516_130, "a2_5": 787_355_300,
	"b_1": 7_644_173_180, "b_6": 12_749_861_240,
}

// TestPublishedCosts holds reader, mapping and checker against the published initial costs of the challenge's instances.
func TestPublishedCosts(t *testing.T) {
	root := os.Getenv("DOMICILE_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	for instance, cost := range published {
		t.Run(instance, func(t *testing.T) {
			file := func(kind string) string {
				name := filepath.Join(root, "roadef", kind+"_"+instance+".txt")
				if strings.HasPrefix(instance, "b") {
					name += ".gz"
				}
				return name
			}
			if _, err := os.Stat(file("model")); err != nil {
				t.Skipf("no outside data: %s is not there (set DOMICILE_DATA)", file("model"))
			}
			m, err := readFile(file("model"), ReadModel)
			require.NoError(t, err)
			initial, err := readFile(file("assignment"), m.ReadAssignment)
			require.NoError(t, err)
			p, err := m.Problem(initial)
			require.NoError(t, err)
			worth, err := placement.Evaluate(context.Background(), p, p.Current)
			require.NoError(t, err)
			assert.Equal(t, cost, worth.Tiers[1].Value)
			found, err := placement.Check(context.Background(), p, p.Current)
			require.NoError(t, err)
			assert.Empty(t, found)
		})
	}
}

func TestDefects(t *testing.T) {
	change := func(old, new string) string {
		require.Contains(t, tiny, old)
		return strings.Replace(tiny, old, new, 1)
	}
	for want, text := range map[string]string{
		"model:1: wrong format: ends where the number of resources should stand":             "",
		"model:2: wrong format: the mark of a transient resource is 2, at most 1 is allowed": change("0 10", "2 10"),
		"model:3: wrong format: the weight of a load cost is no whole number: '-' stands":    change("1 100", "1 -100"),
		"model:4: wrong format: the number of machines is 25001, at most 25000 is allowed":   change("\n3\n", "\n25001\n"),
		"model:5: wrong format: the capacity of a machine is no whole number: '.' stands":    change("20 10", "20.5 10"),
		"the cost of moving between machines is too large for 64 bits":                       change("300", "9223372036854775808"),
		"the service that another depends on is 4, at most 3 is allowed":                     change("1 1 1\n5", "1 1 4\n5"),
		"the service of a process is 4, at most 3 is allowed":                                change("3 1 0 7", "4 1 0 7"),
		"the second resource of a balance cost is 2, at most 1 is allowed":                   change("0 1 2 3", "0 2 2 3"),
		"model:23: wrong format: ends where the weight of machine moves should stand":        change("2 4 3\n", "2 4\n"),
		"model:23: wrong format: '5' stands behind the end":                                  change("2 4 3\n", "2 4 3\n5"),
		"there are balance costs, but no resources":                                          "0 0 0 0 1 0 0 1 1 1 1 1",
		"there are processes, but no services":                                               "0 0 0 1 0 0 0 0 0 0",
	} {
		_, err := ReadModel("model", strings.NewReader(text))
		assert.ErrorIs(t, err, ErrFormat)
		assert.ErrorContains(t, err, want)
	}
	m, _ := mustRead(t, tiny, tinyInitial)
	for want, text := range map[string]string{
		"initial:1: wrong format: the machine of process 3 is 3, at most 2 is allowed": "0 1 0 3 0",
		"initial:1: wrong format: ends where the machine of process 4 should stand":    "0 1 0 1",
		"initial:2: wrong format: '7' stands behind the end":                           "0 1 0 1 0\n7",
		"initial:1: unexpected EOF":                                                    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
	} {
		_, err := m.ReadAssignment("initial", strings.NewReader(text))
		assert.ErrorContains(t, err, want)
	}
	_, err := m.ReadAssignment("initial", strings.NewReader("\x1f\x8b nonsense"))
	assert.ErrorIs(t, err, ErrFormat)
	for want, text := range map[string]string{
		"service 3 with 2 processes is to be in 3 locations":          change("1 1 1\n5", "3 1 1\n5"),
		"service 3 depends on service 2, which has no process":        change("1 1 1\n5", "1 1 2\n5"),
		"balance cost 1 is about the same resources as one before it": change("1 0 1 1", "0 1 1 1"),
		"a weight of move costs, 9223372036854775807, is too large":   change("2 4 3\n", "9223372036854775807 4 3\n"),
		"the sum over all sites exceeds 64 bits":                      change("20 10 8 7", "9223372036854775807 10 8 7"),
	} {
		m, on := mustRead(t, text, tinyInitial)
		_, err := m.Problem(on)
		assert.ErrorIs(t, err, ErrFormat)
		assert.ErrorContains(t, err, want)
	}
	_, err = m.Problem([]int{1})
	assert.ErrorContains(t, err, "1 machines for 5 processes")
}

// Equal balance costs add up, and nothing is a problem, too.
func TestCornersOfTheFormat(t *testing.T) {
	m, on := mustRead(t, strings.Replace(tiny, "1 0 1 1", "0 1 2 4", 1), tinyInitial)
	p, err := m.Problem(on)
	require.NoError(t, err)
	require.EqualValues(t, 7, p.Objective[1].Terms[2].Weight)

	m, on = mustRead(t, "0\n0\n0\n0\n0\n0 0 0\n", "")
	p, err = m.Problem(on)
	require.NoError(t, err)
	r, err := placement.Solve(context.Background(), p, nil)
	require.NoError(t, err)
	assert.Equal(t, placement.Optimal, r.Status)
}

func TestFileTooLarge(t *testing.T) {
	l := limitedReader{r: strings.NewReader("0 0 0"), left: 4}
	_, err := l.Read(make([]byte, 10))
	require.ErrorIs(t, err, ErrFormat)
}

func TestWriteAssignment(t *testing.T) {
	var out strings.Builder
	require.NoError(t, WriteAssignment(&out, []int{3, 0, 12}))
	require.Equal(t, "3 0 12\n", out.String())
	m, initial := mustRead(t, tiny, tinyInitial)
	a := m.assignment(initial)
	delete(a, workloadID(3))
	_, err := m.Assigned(a)
	require.ErrorContains(t, err, "process 3 is on no machine")
}

// FuzzRead: whatever the files hold, the readers end with a model that makes a problem, or with an error.
func FuzzRead(f *testing.F) {
	f.Add(tiny, tinyInitial)
	f.Add("0 0 0 0 0 0 0 0", "")
	f.Add("1 0 5 1 0 0 9 9 0 1 0 0 1 0 3 1 0 1 1 1", "0")
	f.Add("400 25000 1000000", "\x1f\x8b")
	f.Fuzz(func(t *testing.T, model, initial string) {
		m, err := ReadModel("model", strings.NewReader(model))
		if err != nil {
			require.ErrorContains(t, err, "model")
			return
		}
		on, err := m.ReadAssignment("initial", strings.NewReader(initial))
		if err != nil {
			return
		}
		p, err := m.Problem(on)
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		if _, err := placement.Evaluate(context.Background(), p, p.Current); err != nil {
			require.ErrorIs(t, err, placement.ErrInvalid)
		}
		var out strings.Builder
		require.NoError(t, WriteAssignment(&out, on))
		again, err := m.ReadAssignment("again", strings.NewReader(out.String()))
		require.NoError(t, err)
		require.Equal(t, on, again)
	})
}
