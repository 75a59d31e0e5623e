package migrate

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

func date(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	require.NoError(t, err)
	return d
}

// TestTheClock lays the periods out by hand for a notice in the evening of 23 November 2026, a Monday.
func TestTheClock(t *testing.T) {
	l, err := readLaw()
	require.NoError(t, err)
	d := l.dates(date(t, "2026-11-23").Add(20*time.Hour), "DE")
	got := make(map[string][2]string)
	for _, p := range l.clock(d) {
		got[p.Name] = [2]string{p.From, p.Until}
		assert.NotEmpty(t, p.Basis)
		assert.Contains(t, p.Source, " hand, read 2026-")
	}
	assert.Equal(t, map[string][2]string{
		"notice": {"2026-11-23", "2027-01-23"},
		"the provider may say that the transition is technically unfeasible": {"2026-11-23", "2026-12-11"},
		"transition": {"2027-01-23", "2027-02-22"},
		"transition where it was said to be unfeasible": {"2027-01-23", "2027-08-23"},
		"retrieval of data":                             {"2027-02-22", "2027-03-24"},
		"erasure falls due":                             {"2027-03-24", "2027-03-24"},
	}, got)
}

func TestMonthsEndWithTheMonth(t *testing.T) {
	for from, want := range map[string]string{
		"2026-12-31": "2027-02-28", "2027-12-31": "2028-02-29", "2026-06-30": "2026-08-30", "2026-01-31": "2026-03-31",
	} {
		assert.Equal(t, want, addMonths(date(t, from), 2).Format(time.DateOnly), from)
	}
}

func TestWorkingDaysSkipWeekends(t *testing.T) {
	assert.Equal(t, "2026-11-30", addWeekdays(date(t, "2026-11-27"), 1).Format(time.DateOnly)) // Friday -> Monday
	assert.Equal(t, "2026-11-30", addWeekdays(date(t, "2026-11-28"), 1).Format(time.DateOnly)) // Saturday
	assert.Equal(t, "2026-11-27", addWeekdays(date(t, "2026-11-20"), 5).Format(time.DateOnly))
}

// TestNoEntryOfTheLawIsWithoutSource also holds the data to what it may never say.
func TestNoEntryOfTheLawIsWithoutSource(t *testing.T) {
	l, err := readLaw()
	require.NoError(t, err)
	var all []provenance
	for _, p := range l.periods {
		all = append(all, p.provenance)
	}
	for _, c := range l.charges {
		all = append(all, c.provenance)
	}
	for _, p := range all {
		assert.NotEmpty(t, p.basis)
		assert.NotEmpty(t, p.source)
		assert.Contains(t, []string{"first", "second"}, p.hand)
		assert.False(t, p.read.IsZero())
	}
	assert.NotContains(t, strings.ToLower(string(dataAct)), "complian")
}

func TestDefectsOfALawAreAllNamed(t *testing.T) {
	_, err := parseLaw("law.yaml", []byte(`apiVersion: domicile.eu/v1alpha1
kind: ExitLaw
name: x
asOf: 2026-01-01
periods:
- {id: a, name: a, after: b, days: -1, basis: x, source: x, hand: third, read: 2026-01-01}
- {id: a, name: a, basis: x, source: x, hand: first, read: 2026-01-01}
charges:
- {id: tip, name: a, at: will, basis: x, source: x, hand: first}
`))
	require.ErrorIs(t, err, ErrInvalid)
	for _, want := range []string{
		"law.yaml:6", "there is no period", "-1 is not between", "neither first nor second", "used twice",
		"none has the id transition", "neither cost nor none", "neither switching nor parallel", "charges[0].read",
	} {
		assert.ErrorContains(t, err, want)
	}
}

func FuzzLaw(f *testing.F) {
	f.Add(dataAct)
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := parseLaw("law.yaml", text)
		if err == nil {
			l.clock(l.dates(asOf, "DE"))
		}
	})
}

// TestWorkingDaysOfTheSeat: 14 working days from 16 December 2026 pass Christmas, New Year and, in Spain, Epiphany.
func TestWorkingDaysOfTheSeat(t *testing.T) {
	l, err := readLaw()
	require.NoError(t, err)
	for seat, want := range map[topology.Jurisdiction]string{"DE": "2027-01-07", "ES": "2027-01-08", "US": "2027-01-05"} {
		for _, p := range l.clock(l.dates(date(t, "2026-12-16"), seat)) {
			if p.Name != "the provider may say that the transition is technically unfeasible" {
				continue
			}
			assert.Equal(t, want, p.Until, seat)
			assert.Equal(t, seat == "US", strings.Contains(p.Basis, "holidays of US are not known"), p.Basis)
		}
	}
}
