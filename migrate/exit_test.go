package migrate

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

func exitOf(t *testing.T, b *build, notice string) *ExitReport {
	t.Helper()
	p := b.problem(t)
	r, err := Exit(context.Background(), p, "p", date(t, notice), nil, nil)
	require.NoError(t, err)
	clean(t, p, r.From, targetOf(r), r.Plan, nil)
	return r
}

// targetOf is where everything that ran is to be.
func targetOf(r *ExitReport) placement.Assignment {
	to := after(r.From, &Plan{})
	for id, site := range r.Target.Assignment {
		if _, runs := to[id]; runs {
			to[id] = site
		}
	}
	return to
}

func TestExitListsWhatRunsThereAndWhereItGoes(t *testing.T) {
	b := estate()
	b.spec.Providers[0].Certifications = []topology.Certification{
		{Scheme: "BSI-C5", Level: "type2", ValidUntil: "2027-05-31", Source: "test"},
		{Scheme: "OLD", ValidUntil: "2025-01-01", Source: "test"},
	}
	b.workload("ai/train", topology.Resources{topology.CPU: 1000, topology.GPU: 1}, "p-two", "", memory(1e9),
		func(w *placement.Workload) { w.Kind = placement.Machine })
	b.spec.Sites[1].Capacity[topology.GPU], b.spec.Sites[2].Capacity[topology.GPU] = 1, 1
	b.spec.Sites[1].Attributes = map[string]any{"gpuType": "A100"}
	r := exitOf(t, b, "2026-11-23")
	require.Len(t, r.Inventory, 3)
	items := make(map[placement.WorkloadID]Item)
	for _, i := range r.Inventory {
		items[i.Workload] = i
	}
	db := items["app/db"]
	assert.Equal(t, int64(108e9), db.Bytes)
	assert.Equal(t, topology.SiteID("p-one"), db.Site)
	assert.Equal(t, "q", string(db.Target[0]))
	assert.Equal(t, []string{
		"certification BSI-C5 type2 of p-one: " + string(db.Target) + " does not state it",
		"label zone=a: " + string(db.Target) + " has no such label",
	}, db.NotPortable)
	require.Len(t, db.Alternatives, 1)
	assert.NotEqual(t, db.Target, db.Alternatives[0])
	train := items["ai/train"]
	assert.Equal(t, topology.SiteID("q-one"), train.Target)
	assert.Contains(t, train.NotPortable[0], "bare metal")
	assert.Equal(t, "GPU: gpuType is A100 on p-two and not stated on q-one", train.NotPortable[1])
	assert.Empty(t, train.Alternatives)
}

// TestTheBillHasTwoTariffs: the transition begins two months after the notice, so the same exit is charged before and
// free after 12 January 2027.
func TestTheBillHasTwoTariffs(t *testing.T) {
	for notice, charged := range map[string]bool{"2026-11-11": true, "2026-11-12": false, "2026-11-13": false} {
		r := exitOf(t, estate(), notice)
		var due []string
		for _, c := range r.Bill {
			if c.Applies {
				due = append(due, c.Name)
			}
		}
		assert.Equal(t, charged, due[0] == "egress of the switch, tariff until 12 January 2027", notice)
		assert.Equal(t, !charged, due[0] == "egress of the switch, tariff from 12 January 2027", notice)
		assert.Len(t, due, 4)
	}
	r := exitOf(t, estate(), "2026-11-11")
	costs := make(map[string]topology.MicroEUR)
	var sum topology.MicroEUR
	for _, c := range r.Bill {
		costs[strings.SplitAfter(c.Name, ",")[0]] += c.Cost
		assert.NotEmpty(t, c.Basis)
		if c.Applies {
			sum += c.Cost
		}
	}
	// 8 GB of memory twice, and 100 GB of disk at 1250 MB/s while 10 MB/s are written, at 0.05 EUR per GB.
	disk := 100.0 * 1250 / 1240
	assert.InDelta(t, 50_000*(16+disk), float64(costs["egress of the switch,"]), 2)
	assert.InDelta(t, 50_000*86.4*10, float64(costs["keeping the old disks in step for one day of use in parallel"]), 1000)
	assert.Equal(t, topology.MicroEUR(500_000), costs["work and risk of moving"])
	assert.Equal(t, r.Plan.Transfer+r.Plan.Double+500_000, sum)
}

func TestTheCalendarOfAnExit(t *testing.T) {
	r := exitOf(t, estate(), "2026-11-23")
	const month = 30 * 24 * 3600 * 1_000_000
	assert.Equal(t, topology.Micros(month)-r.Plan.Makespan, r.Slack)
	assert.Equal(t, "2027-02-21", r.LatestStart, "the transition is over on 22 February, and minutes take a day")
	assert.InDelta(t, float64(r.Plan.Bytes)*8/(30*24*3600), float64(r.Bandwidth), 1)

	b := estate()
	b.rules.deny("app/db", "q-one")
	b.rules.deny("app/db", "q-two")
	r = exitOf(t, b, "2026-11-23")
	require.Len(t, r.Staying, 1)
	assert.InDelta(t, (float64(r.Plan.Bytes)+108e9)*8/(30*24*3600), float64(r.Bandwidth), 1, "what stays has to leave, too")
}

func TestTheReportForPeople(t *testing.T) {
	b := estate()
	b.rules.deny("app/api", "q-one")
	b.rules.deny("app/api", "q-two")
	b.rules.deny("app/db", "p-one")
	r := exitOf(t, b, "2026-11-23")
	var out bytes.Buffer
	require.NoError(t, r.Markdown(&out))
	for _, want := range []string{
		"# Exit from p\n", "**app/api stays on p-one**", "| app/db | p-one | ", "| notice | 2026-11-23 | 2027-01-23 |",
		"last safe day to begin 2027-02-21", "no return from move 0 on", "0.50 EUR", "before the exit: policies refuse app/db on p-one",
	} {
		assert.Contains(t, out.String(), want)
	}
	assert.NotContains(t, strings.ToLower(out.String()), "complian")
	for _, line := range strings.Split(out.String(), "\n") {
		if strings.HasPrefix(line, "|") {
			assert.True(t, strings.HasSuffix(line, "|"), line)
		}
	}
	assert.ErrorIs(t, r.Markdown(broken{}), errBroken)
}

var errBroken = errors.New("pipe")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }
