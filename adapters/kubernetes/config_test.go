package kubernetes

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const configHead = "apiVersion: domicile.eu/v1alpha1\nkind: KubernetesConfig\n"

func TestReadConfig(t *testing.T) {
	c, err := ReadConfig("c.yaml", strings.NewReader(configHead+`
configMap: domicile/continuum/continuum.yaml
observations: o.yaml
applications: a.yaml
policies: [base, own]
asOf: continuum
maxAge: 48h
measurementAge: 1h
dataClasses: [public, personal]
unlabelled: personal
reservation: 90s
deadline: 800ms
joint: true
`))
	require.NoError(t, err)
	assert.Equal(t, Config{
		ConfigMap: "domicile/continuum/continuum.yaml", Observations: "o.yaml", Applications: "a.yaml", Policies: []string{"base", "own"},
		AsOf: "continuum", MaxAge: 48 * time.Hour, MeasurementAge: time.Hour, DataClasses: []string{"public", "personal"},
		Unlabelled: "personal", Reservation: 90 * time.Second, Deadline: 800 * time.Millisecond, Joint: true,
	}, c)
}

// TestEveryDefectOfAConfigurationIsNamed: with the file and the key, all at once, never with a panic.
func TestEveryDefectOfAConfigurationIsNamed(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                {"c.yaml"},
		"[]":                              {"c.yaml"},
		"kind: Continuum":                 {"apiVersion"},
		configHead:                        {"continuum: exactly one"},
		configHead + "continuum: a\nx: 1": {"x"},
		configHead + "continuum: a\nconfigMap: a/b/c":     {"exactly one"},
		configHead + "continuum: [a]":                     {"continuum"},
		configHead + "continuum: a\nreservation: -3s":     {"reservation"},
		configHead + "continuum: a\nmaxAge: 9999999h":     {"maxAge: more than a hundred years"},
		configHead + "continuum: a\ncontinuum: b":         {"continuum"},
		configHead + "continuum: a\npolicies: {a: b}":     {"policies"},
		configHead + "continuum: a\nunlabelled: personal": {"unlabelled: only the strictest"},
		configHead + "configMap: a/b\nasOf: later\ndataClasses: [a, a, '']\nunlabelled: x\ndeadline: soon\njoint: perhaps": {
			"configMap: must be namespace/name/key", "asOf: must be", "the class a stands there twice", "an empty class", "unlabelled: only", "deadline", "joint"},
		configHead + strings.Repeat("x: [", 10_000): {"c.yaml"},
	} {
		_, err := ReadConfig("c.yaml", strings.NewReader(text))
		require.ErrorIs(t, err, ErrInvalid, "%.80q", text)
		for _, part := range want {
			assert.ErrorContains(t, err, part, "%.80q", text)
		}
	}
}

// TestNewNamesEveryDefect: also of files that are not there.
func TestNewNamesEveryDefect(t *testing.T) {
	_, err := New(Config{AsOf: "later", Observations: "no-observations.yaml", Applications: "no-applications.yaml", Policies: []string{"no-policies"}}, nil)
	require.ErrorIs(t, err, ErrInvalid)
	for _, part := range []string{"exactly one", "asOf", "no-observations.yaml", "no-applications.yaml", "no-policies"} {
		assert.ErrorContains(t, err, part)
	}
	_, err = New(Config{Continuum: "no-continuum.yaml"}, nil)
	require.ErrorContains(t, err, "no-continuum.yaml")
	_, err = New(Config{Continuum: "a", Deadline: -1}, nil)
	require.ErrorContains(t, err, "deadline: negative")
}

// TestAClockThatIsWrong: a day behind or more than maxAge ahead nothing is answered, and with the continuum's own time the clock
// counts for its age alone.
func TestAClockThatIsWrong(t *testing.T) {
	for _, own := range []bool{false, true} {
		c, clock := testCluster(t, func(c *Config) {
			c.MaxAge = 48 * time.Hour
			if own {
				c.AsOf = "continuum"
			}
		})
		of := c.in.Load().stated.AsOf()
		for skew, fine := range map[time.Duration]bool{
			0: true, -23 * time.Hour: true, -25 * time.Hour: own, 48 * time.Hour: true, 48*time.Hour + 1: false, 100 * 365 * 24 * time.Hour: false,
		} {
			clock.now = of.Add(skew)
			_, err := c.Filter(t.Context(), testPod("staff", "p", "1", nil, nil), []string{"ionos-berlin-0"})
			assert.Equal(t, fine, err == nil, "%v: %v", skew, err)
			assert.Equal(t, fine, c.Ready() == nil)
		}
	}
}

// TestReservationsOutliveAClockThatGoesBack: they end later then, never earlier.
func TestReservationsOutliveAClockThatGoesBack(t *testing.T) {
	c, clock := testCluster(t, nil)
	p := testPod("staff", "p", "3", nil, nil)
	require.NoError(t, c.Reserve(t.Context(), p, "ionos-berlin-0"))
	other := testPod("staff", "q", "3", nil, nil)
	clock.now = clock.now.Add(-time.Hour)
	require.ErrorIs(t, c.Reserve(t.Context(), other, "ionos-berlin-0"), ErrRefused)
	clock.now = clock.now.Add(2 * time.Hour)
	require.NoError(t, c.Reserve(t.Context(), other, "ionos-berlin-0"))
}
