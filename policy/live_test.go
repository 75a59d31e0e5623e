package policy

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
)

// numbered is a signed bundle of which every rule and the table carry a number: a mixture of two would show.
func numbered(t testing.TB, n int) []Source {
	deny := func(code, kind, detail string) string {
		return fmt.Sprintf("\n# METADATA\n# title: %s\n# custom: {code: %s}\n%s contains %s if data.domicile.tables.now.values.n == %d\n", code, code, kind, detail, n)
	}
	number := fmt.Sprintf(`{"n": %d}`, n)
	module := "package domicile.continuum.now\n" + deny("N-1", "deny", number) + deny("N-2", "deny", number) + deny("N-3", "transit", number)
	data := map[string]any{"domicile": map[string]any{"tables": map[string]any{"now": map[string]any{
		"asOf": "2026-01-01", "source": "x", "validUntil": "2030-01-01", "values": map[string]any{"n": n},
	}}}}
	text := written(t, map[string]string{"/now.rego": module}, data, bundle.Manifest{Revision: fmt.Sprint(n)}, bundle.NewSigningConfig(secret, "HS256", ""))
	return []Source{{Name: "now", Bundle: text, Keys: hs256()}}
}

// reasonNumbers collects the numbers in reasons.
func reasonNumbers(reasons []placement.Reason) (all []any) {
	for _, r := range reasons {
		all = append(all, r.Detail["n"])
	}
	return all
}

// TestReloadKeepsWhatIsInForce: whatever is wrong with the new sources, the old set stays, and the status says why.
func TestReloadKeepsWhatIsInForce(t *testing.T) {
	_, err := NewLive(one("a.rego", "package"), nil)
	require.ErrorIs(t, err, ErrInvalid)
	_, err = NewLive(nil, &Options{MaxSteps: -1})
	require.ErrorContains(t, err, "must not be negative")

	l, err := NewLive(numbered(t, 1), nil)
	require.NoError(t, err)
	first := l.Set()
	assert.Equal(t, LiveStatus{Digest: first.Digest(), Revision: "1", Rules: 3, Loads: 1}, l.Status())
	unsigned := numbered(t, 2)
	unsigned[0].Bundle = pack(t, entries(t, unsigned[0].Bundle)[:2]...)
	tampered := numbered(t, 2)
	tampered[0].Bundle = flipped(tampered[0].Bundle, len(tampered[0].Bundle)/2)
	for i, bad := range [][]Source{one("a.rego", "package"), unsigned, tampered, {{Name: "x"}}} {
		err := l.Reload(bad)
		require.ErrorIs(t, err, ErrInvalid)
		assert.Same(t, first, l.Set())
		assert.Equal(t, LiveStatus{Digest: first.Digest(), Revision: "1", Rules: 3, Loads: 1, Failed: i + 1, Error: err}, l.Status())
	}
	require.NoError(t, l.Reload(numbered(t, 1)))
	assert.Same(t, first, l.Set(), "the same again keeps what is remembered")
	assert.Equal(t, LiveStatus{Digest: first.Digest(), Revision: "1", Rules: 3, Loads: 1}, l.Status())
	require.NoError(t, l.Reload(numbered(t, 2)))
	second := l.Set()
	assert.NotSame(t, first, second)
	assert.Equal(t, LiveStatus{Digest: second.Digest(), Revision: "2", Rules: 3, Loads: 2}, l.Status())
	assert.NotEqual(t, first.Digest(), second.Digest())

	// Who holds the first asks it as before.
	w := newWorld(t, fstest.MapFS{})
	for n, s := range map[int]*Set{1: first, 2: second} {
		reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site("berlin"))
		require.NoError(t, err)
		assert.Equal(t, []any{int64(n), int64(n)}, reasonNumbers(reasons))
	}
}

// TestReloadsAndReaders has sets reloaded, some of them broken, while others ask: every set answers as one, and set and
// status belong together.
func TestReloadsAndReaders(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	const versions, readers = 4, 3
	var sources [][]Source
	for n := range versions {
		sources = append(sources, numbered(t, n))
	}
	l, err := NewLive(sources[0], nil)
	require.NoError(t, err)
	done := make(chan struct{})
	var writer, asking sync.WaitGroup
	writer.Go(func() {
		defer close(done)
		for n := 1; n < versions; n++ {
			assert.Error(t, l.Reload(one("a.rego", "package")))
			assert.NoError(t, l.Reload(sources[n]))
		}
	})
	for range readers {
		asking.Go(func() {
			seen := 0
			for ended := false; !ended; {
				select {
				case <-done:
					ended = true // one last time
				default:
				}
				s := l.Set()
				reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site("berlin"))
				assert.NoError(t, err)
				numbers := reasonNumbers(reasons)
				transit, err := s.TransitReasons(t.Context(), w.scope(), "health", "FR", "")
				assert.NoError(t, err)
				numbers = append(numbers, reasonNumbers(transit)...)
				if !assert.Len(t, numbers, 3) {
					return
				}
				for _, n := range numbers {
					assert.Equal(t, s.Revision(), fmt.Sprint(n))
				}
				now := int(numbers[0].(int64))
				assert.GreaterOrEqual(t, now, seen, "no set comes back")
				seen = now
			}
			assert.Equal(t, versions-1, seen)
		})
	}
	writer.Wait()
	asking.Wait()
	assert.Equal(t, versions, l.Status().Loads)
}

// TestSchedulerTakesReloads: a live set and an online scheduler together. What the new policies refuse is told with rule and
// reason, and stays where it is.
func TestSchedulerTakesReloads(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	l, err := NewLive(one("a.rego", wrap("false")), nil)
	require.NoError(t, err)
	p := &placement.Problem{Continuum: w.continuum, Admission: l.Set(), Transit: l.Set(), AsOf: w.scope().AsOf}
	for _, x := range w.workloads {
		x.Demand, x.Application = nil, strings.ReplaceAll(string(x.ID), "/", "-")
		p.Applications = append(p.Applications, placement.Application{Name: x.Application, Tenant: x.Tenant, Workloads: []placement.Workload{x}})
	}
	s, err := placement.NewScheduler(t.Context(), placement.Answer{Problem: p}, &placement.SchedulerOptions{Prices: &placement.Certificate{}})
	require.NoError(t, err)
	best, err := s.Candidates(t.Context(), "clinic/db", 5)
	require.NoError(t, err)
	require.NotEmpty(t, best)
	at := best[0].Site
	require.NoError(t, s.Reserve(t.Context(), placement.Assignment{"clinic/db": at}))
	before := s.Answer()

	require.Error(t, l.Reload(one("a.rego", "package")))
	refused, err := s.UpdatePolicies(t.Context(), l.Set(), l.Set())
	require.NoError(t, err)
	assert.Empty(t, refused, "the old set is in force")
	require.NoError(t, l.Reload(numbered(t, 7)))
	refused, err = s.UpdatePolicies(t.Context(), l.Set(), l.Set())
	require.NoError(t, err)
	require.Len(t, refused, 1)
	assert.Equal(t, placement.ByAdmission, refused[0].Kind)
	assert.Equal(t, []any{int64(7), int64(7)}, reasonNumbers(refused[0].Reasons))
	assert.Equal(t, "now/now.rego:6", refused[0].Reasons[0].Location)
	assert.Equal(t, placement.Assignment{"clinic/db": at}, s.Answer().Assignment)
	assert.Equal(t, "7", s.Answer().Problem.Admission.(*Set).Revision())
	best, err = s.Candidates(t.Context(), "shop/web-1", 5)
	require.NoError(t, err)
	assert.Empty(t, best)

	why, err := placement.WhyNot(t.Context(), before, "clinic/db", at)
	require.NoError(t, err)
	assert.Empty(t, why.Violations, "the answer from before is explained by the policies from before")
}

// TestLiveIsNeverWithoutRules: an empty or half-mounted folder must not lift what is in force.
func TestLiveIsNeverWithoutRules(t *testing.T) {
	for _, sources := range [][]Source{nil, {{Name: "p", FS: fstest.MapFS{}}}} {
		_, err := NewLive(sources, nil)
		require.ErrorIs(t, err, ErrNoRules)
		l, err := NewLive(one("a.rego", wrap("true")), nil)
		require.NoError(t, err)
		before := l.Set()
		require.ErrorIs(t, l.Reload(sources), ErrNoRules)
		assert.Same(t, before, l.Set())
		assert.Equal(t, 1, l.Status().Rules)
		assert.Equal(t, 1, l.Status().Failed)
		require.ErrorIs(t, l.Status().Error, ErrNoRules)
	}
}
