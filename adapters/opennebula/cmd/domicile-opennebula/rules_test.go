package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ruled runs place under the library's rules on residency, and where a continuum is named with that.
func ruled(t *testing.T, conf, in string) ran {
	t.Helper()
	dir := t.TempDir()
	etc := filepath.Join(dir, "etc/schedulers")
	require.NoError(t, os.MkdirAll(filepath.Join(etc, "rules"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(etc, "rules/packs.yaml"), []byte("apiVersion: domicile.eu/v1alpha1\nkind: PolicyPacks\npacks: [residency]\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(etc, "domicile.conf"), []byte("apiVersion: domicile.eu/v1alpha1\nkind: OpenNebulaScheduler\nplaceSeconds: 60\npolicies: rules\n"+conf), 0o644))
	return at(t, dir, in, "place")
}

func TestRun_policies(t *testing.T) {
	assert.Contains(t, ruled(t, "", tiny("<RESIDENCY>DE</RESIDENCY><DATA_CLASS>health-de</DATA_CLASS>")).out, "<HOST_ID>3<")
	r := ruled(t, "", tiny("<RESIDENCY>FR, NL</RESIDENCY><DATA_CLASS>health-de</DATA_CLASS>"))
	assert.Equal(t, nothing, r.out)
	assert.Contains(t, r.log, "ERROR: 7 no host: of 1 hosts, are refused by policies: 1; RES-004 ")
	// A host that does not say where it is takes nothing.
	r = ruled(t, "", strings.Replace(tiny("<DATA_CLASS>health-de</DATA_CLASS>"), "<COUNTRY>DE</COUNTRY>", "", 1))
	assert.Equal(t, nothing, r.out)
	assert.Contains(t, r.log, "take nothing new: 1")
}

const continuum = `apiVersion: domicile.eu/v1alpha1
kind: Continuum
asOf: 2026-11-23
providers: [{id: nord, name: Nord, country: DE}]
sites:
- {id: hamburg, provider: nord, country: DE, location: {lat: 53.6, lon: 10.0}, tier: regional, runtimes: [vm], capacity: {cpu: 16}, prices: {cpu: 0.03}}
accessPoints: [{id: clinic, country: DE, location: {lat: 54.3, lon: 10.1}}]
links: [{a: clinic, b: hamburg, operator: nord, jurisdictions: [DE], rtt: {p50: 4ms, p95: 6ms, p99: 9ms}, bandwidth: 1Gbit/s}]
`

// Users are at an access point of the continuum, hosts at its sites: the bound is judged on the way between them.
func TestRun_latency(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "continuum.yaml")
	require.NoError(t, os.WriteFile(name, []byte(continuum), 0o644))
	there := func(attributes string) string {
		return strings.Replace(tiny(attributes), "<COUNTRY>DE</COUNTRY>", "<DOMICILE_SITE>hamburg</DOMICILE_SITE>", 1)
	}
	conf := "continuum: " + name + "\n"
	assert.Contains(t, ruled(t, conf, there("<DATA_CLASS>health-de</DATA_CLASS><LATENCY_FROM>clinic</LATENCY_FROM><LATENCY_MAX_MS>6.5</LATENCY_MAX_MS>")).out, "<HOST_ID>3<")
	r := ruled(t, conf, there("<DATA_CLASS>health-de</DATA_CLASS><LATENCY_FROM>clinic</LATENCY_FROM><LATENCY_MAX_MS>5.5</LATENCY_MAX_MS>"))
	assert.Equal(t, nothing, r.out)
	assert.Contains(t, r.log, "some are too far from its users")
	r = ruled(t, conf, there("<DATA_CLASS>health-de</DATA_CLASS><LATENCY_FROM>nowhere</LATENCY_FROM>"))
	assert.Contains(t, r.log, "LATENCY_FROM names no access point of the continuum")
	r = ruled(t, conf, strings.Replace(there("<DATA_CLASS>health-de</DATA_CLASS>"), "hamburg", "atlantis", 1))
	assert.Equal(t, nothing, r.out, "a site that the continuum does not know")
}
