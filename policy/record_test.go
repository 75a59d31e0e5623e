package policy

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// decided is a small problem under two of the library's packs, and its record.
type decided struct {
	problem *placement.Problem
	options placement.Options
	result  *placement.Result
	record  *Record
}

const twoPacks = "apiVersion: domicile.eu/v1alpha1\nkind: PolicyPacks\npacks: [residency, ownership]\n"

func decide(t *testing.T) *decided {
	t.Helper()
	w := newWorld(t, fstest.MapFS{})
	set, err := Load(one("packs.yaml", twoPacks), nil)
	require.NoError(t, err)
	d := &decided{
		problem: &placement.Problem{
			Continuum: w.continuum, Applications: []placement.Application{{Name: "clinic", Tenant: "charite", Workloads: w.workloads[:1]}},
			Admission: set, Transit: set,
		},
		options: placement.Options{Seed: 7, MaxSteps: 1000},
	}
	d.solve(t)
	return d
}

func (d *decided) solve(t *testing.T) {
	t.Helper()
	var err error
	d.result, err = placement.Solve(t.Context(), d.problem, &d.options)
	require.NoError(t, err)
	d.record, err = NewRecord(d.problem, &d.options, d.result)
	require.NoError(t, err)
}

// TestRecordReplays comes to the same decision again from what was written, with the signature of the right key.
func TestRecordReplays(t *testing.T) {
	d := decide(t)
	public, private, err := ed25519.GenerateKey(bytes.NewReader(make([]byte, 64)))
	require.NoError(t, err)
	require.NoError(t, d.record.Sign(private))

	var text bytes.Buffer
	require.NoError(t, d.record.Write(&text))
	read, err := ReadRecord("record.json", bytes.NewReader(text.Bytes()))
	require.NoError(t, err)
	assert.Equal(t, d.record, read)
	again, err := read.Verify(t.Context(), d.problem, public)
	require.NoError(t, err)
	assert.Equal(t, d.result, again)
	assert.NotEmpty(t, read.Tables)
	assert.Equal(t, uint64(7), read.Seed)
	assert.Equal(t, 2, read.Workers, "the default is written out")
}

// TestRecordNamesWhatDiffers changes one input after the other, each of which must be named.
func TestRecordNamesWhatDiffers(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *placement.Problem){
		"Inputs.Continuum": func(t *testing.T, p *placement.Problem) {
			for s := range p.Continuum.Sites() {
				changed := *s
				changed.State = topology.Down
				next, err := p.Continuum.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{changed}}})
				require.NoError(t, err)
				p.Continuum = next
				return
			}
		},
		"Inputs.Applications": func(_ *testing.T, p *placement.Problem) {
			p.Applications[0].Workloads[0].Priority++
		},
		"Inputs.Objective": func(_ *testing.T, p *placement.Problem) {
			p.Objective = placement.DefaultObjective[:2]
		},
		"Inputs.Limits": func(_ *testing.T, p *placement.Problem) {
			p.Budgets = []placement.Budget{placement.MoveBudget{AtMost: 3}}
		},
		"Inputs.Current": func(_ *testing.T, p *placement.Problem) {
			p.Current = placement.Assignment{p.Applications[0].Workloads[0].ID: "berlin"}
		},
		"AsOf": func(_ *testing.T, p *placement.Problem) { p.AsOf = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC) },
		"Inputs.Latency": func(t *testing.T, p *placement.Problem) {
			var nodes []topology.NodeID
			for s := range p.Continuum.Sites() {
				nodes = append(nodes, s.ID.Node())
			}
			g, err := latency.New(p.Continuum, &latency.Options{Observations: []latency.Observation{
				{A: nodes[0], B: nodes[1], RTT: topology.RTT{P50: 1000, P95: 1100, P99: 1200}}}})
			require.NoError(t, err)
			p.Latency = g
		},
		"Policies": func(t *testing.T, p *placement.Problem) {
			set, err := Load(one("packs.yaml", strings.Replace(twoPacks, ", ownership", "", 1)), nil)
			require.NoError(t, err)
			p.Admission = set
		},
		"Data": func(t *testing.T, p *placement.Problem) {
			sources := one("packs.yaml", twoPacks)
			sources[0].FS.(fstest.MapFS)["eu.yaml"] = &fstest.MapFile{Data: []byte("apiVersion: domicile.eu/v1alpha1\nkind: PolicyTable\nname: mine\n" +
				"asOf: 2026-01-01\nsource: us\nvalidUntil: 2027-01-01\nvalues: {a: 1}\n")}
			set, err := Load(sources, nil)
			require.NoError(t, err)
			p.Admission = set
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := decide(t)
			change(t, d.problem)
			_, err := d.record.Verify(t.Context(), d.problem, nil)
			require.ErrorIs(t, err, ErrRecord)
			assert.ErrorContains(t, err, name+" was ")
		})
	}
}

// TestRecordOfAnotherAnswer is one that claims what the solve does not come to.
func TestRecordOfAnotherAnswer(t *testing.T) {
	d := decide(t)
	d.record.Answer, d.record.Engine.OPA = strings.Repeat("0", 64), "0.1"
	_, err := d.record.Verify(t.Context(), d.problem, nil)
	require.ErrorIs(t, err, ErrRecord)
	assert.ErrorContains(t, err, "Answer was ")
	assert.ErrorContains(t, err, `Engine.OPA was "0.1"`, "which may be why")
}

func TestRecordSignature(t *testing.T) {
	d := decide(t)
	public, private, err := ed25519.GenerateKey(bytes.NewReader(make([]byte, 64)))
	require.NoError(t, err)
	other, stranger, err := ed25519.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{1}, 64)))
	require.NoError(t, err)
	require.ErrorContains(t, d.record.CheckSignature(public), "not signed")
	require.NoError(t, d.record.Sign(private))
	require.NoError(t, d.record.CheckSignature(public))
	require.ErrorIs(t, d.record.CheckSignature(other), ErrRecord)
	require.ErrorIs(t, d.record.CheckSignature(public[:5]), ErrRecord)
	require.ErrorIs(t, d.record.Sign(private[:5]), ErrRecord)

	changed := *d.record
	changed.Seed++
	_, err = changed.Verify(t.Context(), d.problem, public)
	require.ErrorContains(t, err, "was changed")
	require.NoError(t, changed.Sign(stranger))
	require.ErrorIs(t, changed.CheckSignature(public), ErrRecord, "another key in the record does not help")
	short := *d.record
	short.Signature = &Signature{PublicKey: public, Value: []byte("short")}
	require.ErrorIs(t, short.CheckSignature(public), ErrRecord)
}

// TestRecordRefuses what nobody could come to again.
func TestRecordRefuses(t *testing.T) {
	d := decide(t)
	_, err := NewRecord(d.problem, &placement.Options{Spent: func() float64 { return 1 }}, d.result)
	require.ErrorContains(t, err, "clock")
	stopped := *d.result
	stopped.Status = placement.Stopped
	_, err = NewRecord(d.problem, nil, &stopped)
	require.ErrorContains(t, err, "context ended")
	d.problem.Rules = []placement.Rule{nameless{}}
	_, err = NewRecord(d.problem, nil, d.result)
	require.ErrorContains(t, err, "policy.nameless")
}

type nameless struct{}

func (nameless) Judge(*placement.Workload, *topology.Site) (bool, string, topology.MicroEUR) {
	return true, "", 0
}

func TestReadRecordRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":   "",
		"cut off": `{"apiVersion": "domicile.eu/v1alpha1"`,
		"unknown": `{"apiVersion": "domicile.eu/v1alpha1", "kind": "DecisionRecord", "sede": 1}`,
		"version": `{"apiVersion": "domicile.eu/v9", "kind": "DecisionRecord"}`,
		"kind":    `{"apiVersion": "domicile.eu/v1alpha1", "kind": "Report"}`,
		"more":    `{"apiVersion": "domicile.eu/v1alpha1", "kind": "DecisionRecord"} {}`,
		"large":   `{"apiVersion": "` + strings.Repeat("x", maxRecordBytes) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadRecord("record.json", strings.NewReader(text))
			require.ErrorIs(t, err, ErrInvalid)
			assert.ErrorContains(t, err, "record.json")
		})
	}
}
