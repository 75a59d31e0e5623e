package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/adapters/opennebula"
	"github.com/domicile-eu/domicile/adapters/opennebula/internal/settings"
)

// tiny is a document with one pending VM, one host that has room, and what else is said about the VM.
func tiny(attributes string) string {
	return `<SCHEDULER_DRIVER_ACTION><VM_POOL><VM><ID>7</ID><STATE>1</STATE><LCM_STATE>0</LCM_STATE><TEMPLATE><CPU>1</CPU><MEMORY>512</MEMORY></TEMPLATE>
<USER_TEMPLATE>` + attributes + `</USER_TEMPLATE><HISTORY_RECORDS/></VM></VM_POOL>
<HOST_POOL><HOST><ID>3</ID><STATE>2</STATE><CLUSTER_ID>0</CLUSTER_ID><HOST_SHARE><MAX_CPU>400</MAX_CPU><MAX_MEM>4194304</MAX_MEM></HOST_SHARE>
<CLUSTER_TEMPLATE><COUNTRY>DE</COUNTRY></CLUSTER_TEMPLATE></HOST></HOST_POOL>
<DATASTORE_POOL><DATASTORE><ID>0</ID><TYPE>1</TYPE><STATE>0</STATE><CLUSTERS><ID>0</ID></CLUSTERS><FREE_MB>100</FREE_MB><TEMPLATE><SHARED>YES</SHARED></TEMPLATE></DATASTORE></DATASTORE_POOL>
<VNET_POOL/><VM_GROUP_POOL/><CLUSTER_POOL/><REQUIREMENTS><VM><ID>7</ID><HOSTS><ID>3</ID></HOSTS><DATASTORES><ID>0</ID></DATASTORES></VM></REQUIREMENTS></SCHEDULER_DRIVER_ACTION>`
}

type ran struct {
	status   int
	out, log string
}

// one runs the program on a document in a scratch location.
func one(t *testing.T, conf, in string, args ...string) ran {
	t.Helper()
	dir := t.TempDir()
	if conf != "" {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "etc/schedulers"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "etc/schedulers/domicile.conf"), []byte("apiVersion: domicile.eu/v1alpha1\nkind: OpenNebulaScheduler\n"+conf), 0o644))
	}
	return at(t, dir, in, args...)
}

func at(t *testing.T, location, in string, args ...string) ran {
	t.Helper()
	var out, log bytes.Buffer
	status := run(&call{args: args, location: location, in: strings.NewReader(in), out: &out, log: &log, now: time.Now})
	protocol(t, log.String(), status)
	return ran{status, out.String(), log.String()}
}

// protocol holds what is logged to what oned understands.
func protocol(t *testing.T, log string, status int) {
	if status != done {
		return
	}
	for line := range strings.Lines(log) {
		assert.Regexp(t, `^(ERROR|INFO|WARN|DEBUG): (\d+ [^\n]|[^0-9 \n])[^\n]*\n$`, line)
	}
}

const nothing = "<PLAN>\n  <ID>-1</ID>\n</PLAN>\n"

func TestRun_place(t *testing.T) {
	r := one(t, "", tiny(""), "/x/place")
	assert.Equal(t, done, r.status)
	assert.Contains(t, r.out, "<VM_ID>7</VM_ID>\n    <OPERATION>deploy</OPERATION>\n    <HOST_ID>3</HOST_ID>\n    <DS_ID>0</DS_ID>")
	assert.Contains(t, r.log, "INFO: 7 deploy to host 3, system datastore 0\n")
}

// Whatever is wrong with what is read ends in an empty plan, status 0 and a reason.
func TestRun_badInput(t *testing.T) {
	for name, in := range map[string]string{
		"empty": "", "no base64": "&&&", "cut off": tiny("")[:700], "cut off base64": "PFNDSEVEVUxFUl9EUklWRVJfQUNUSU9OPg",
		"other": "<html/>", "bomb": "<!DOCTYPE a [<!ENTITY b 'c'>]>" + tiny("&b;"), "entity": tiny("<A>&b;</A>"), "twice": tiny("") + tiny(""),
		"deep": strings.Replace(tiny(""), "<USER_TEMPLATE>", "<USER_TEMPLATE>"+strings.Repeat("<A>", 100000), 1), "no pool": strings.Replace(tiny(""), "<VNET_POOL/>", "", 1),
	} {
		r := one(t, "", in, "place")
		assert.Equal(t, done, r.status, name)
		assert.Equal(t, nothing, r.out, name)
		assert.Contains(t, r.log, "ERROR: domicile: ", name)
	}
}

func TestRun_usage(t *testing.T) {
	for _, args := range [][]string{{"place", "1"}, {"optimize"}, {"optimize", "x"}, {"optimize", "-1"}, {"domicile-opennebula"}} {
		r := one(t, "", tiny(""), args...)
		assert.Equal(t, usage, r.status)
		assert.Empty(t, r.out)
	}
	r := one(t, "", tiny(""), "domicile-opennebula", "optimize", "100") // a document about no cluster
	assert.Equal(t, done, r.status)
	assert.Contains(t, r.out, "<ID>100</ID>")
	assert.NotContains(t, r.out, "ACTION")
}

// What its owner asks for is never dropped in silence.
func TestRun_statements(t *testing.T) {
	assert.Contains(t, one(t, "", tiny("<DOMICILE_COUNTRIES>FR, DE</DOMICILE_COUNTRIES>"), "place").out, "<HOST_ID>3<")
	for attribute, why := range map[string]string{
		"<DOMICILE_COUNTRIES>FR</DOMICILE_COUNTRIES>": "ERROR: 7 no host: of 1 hosts, not in DOMICILE_COUNTRIES: 1",
		"<DATA_CLASS>health</DATA_CLASS>":             "ERROR: 7 DATA_CLASS needs policies, and none are configured",
		"<LATENCY_FROM>berlin</LATENCY_FROM>":         "ERROR: 7 LATENCY_FROM needs a continuum, and none is configured",
		"<LATENCY_MAX_MS>5</LATENCY_MAX_MS>":          "ERROR: 7 LATENCY_MAX_MS needs LATENCY_FROM",
	} {
		r := one(t, "", tiny(attribute), "place")
		assert.Equal(t, nothing, r.out)
		assert.Contains(t, r.log, why)
	}
}

// A configuration that cannot be obeyed means that nothing is placed.
func TestRun_configurationFailsClosed(t *testing.T) {
	for conf, why := range map[string]string{
		"polices: x\n":                         "polices: is unknown; did you mean policies?",
		"policies: none\n":                     "none is no folder",
		"continuum: none.yaml\n":               "no such file",
		"policies: p\nfallback: rank\n":        "the stock scheduler knows no policies",
		"continuum: c\nfallback: rank\n":       "the stock scheduler knows no policies",
		"fallback: ../../x\n":                  "must be the name of another scheduler",
		"placeSeconds: 0\n":                    "is not from 0.1",
		"maxMoves: -3\n":                       "is not from 0",
		"balance: {cpu: 0}\n":                  "no weight is above 0",
		"placeSeconds: 0.1\nplaceSeconds: 1\n": "placeSeconds",
	} {
		r := one(t, conf, tiny(""), "place")
		assert.Equal(t, done, r.status, conf)
		assert.Equal(t, nothing, r.out, conf)
		assert.Contains(t, r.log, why, conf)
	}
}

// slow is a standard input that never ends.
type slow struct{ end chan struct{} }

func (s slow) Read([]byte) (int, error) { <-s.end; return 0, os.ErrClosed }

func TestRun_deadline(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "etc/schedulers"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "etc/schedulers/domicile.conf"), []byte("apiVersion: domicile.eu/v1alpha1\nkind: OpenNebulaScheduler\nplaceSeconds: 0.1\n"), 0o644))
	end := make(chan struct{})
	defer close(end)
	var out, log bytes.Buffer
	assert.Equal(t, done, run(&call{args: []string{"place"}, location: dir, in: slow{end}, out: &out, log: &log, now: time.Now}))
	assert.Equal(t, nothing, out.String())
	assert.Contains(t, log.String(), "no answer within 100ms")
}

// The stand-in is asked where this scheduler fails, but not where it would break what a VM states, or where nothing is known of
// that.
func TestRun_fallback(t *testing.T) {
	dir := t.TempDir()
	stock := filepath.Join(dir, "var/remotes/scheduler/rank")
	require.NoError(t, os.MkdirAll(stock, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(stock, "place"), []byte("#!/bin/sh\ngrep -c SCHEDULER_DRIVER_ACTION\n"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "etc/schedulers"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "etc/schedulers/domicile.conf"), []byte("apiVersion: domicile.eu/v1alpha1\nkind: OpenNebulaScheduler\nfallback: rank\n"), 0o644))
	assert.Contains(t, at(t, dir, tiny(""), "place").out, "<ACTION>", "it works, so nobody stands in")
	s, err := settings.Read(filepath.Join(dir, "etc/schedulers/domicile.conf"))
	require.NoError(t, err)
	for in, want := range map[string]string{tiny(""): "2\n", tiny("<DATA_CLASS>x</DATA_CLASS>"): nothing} {
		var out, log bytes.Buffer
		c := &call{args: []string{"place"}, location: dir, in: strings.NewReader(in), out: &out, log: &log, now: time.Now}
		o := c.decide(t.Context(), s, 0, -1, time.Now(), time.Minute)
		o.err = os.ErrDeadlineExceeded
		assert.Equal(t, done, c.fail(s, 0, &o, planOf(-1)))
		assert.Equal(t, want, out.String())
		protocol(t, log.String(), done)
	}
	assert.Equal(t, nothing, at(t, dir, tiny("")[:500], "place").out, "what was not read could state something")
}

// The commands of the README install and remove in a scratch location, and what is installed answers under both names.
func TestREADME(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	block := func(name string) string {
		m := regexp.MustCompile("(?s)```sh " + name + "\n(.*?)```").FindSubmatch(text)
		require.NotNil(t, m)
		return string(m[1])
	}
	build, location := t.TempDir(), t.TempDir()
	run := func(dir, in, name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(in)
		cmd.Env = append(os.Environ(), "ONE_LOCATION="+location)
		out, err := cmd.Output()
		require.NoError(t, err, name)
		return string(out)
	}
	run(".", "", "go", "build", "-o", filepath.Join(build, "domicile-opennebula"), ".")
	run(build, "", "sh", "-e", "-c", block("install"))
	folder := filepath.Join(location, "var/remotes/scheduler/domicile")
	conf := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(text)
	require.NoError(t, os.WriteFile(filepath.Join(location, "etc/schedulers/domicile.conf"), conf[1], 0o644))
	assert.Contains(t, run(location, tiny(""), filepath.Join(folder, "place")), "<HOST_ID>3</HOST_ID>")
	assert.Contains(t, run(location, tiny(""), filepath.Join(folder, "optimize"), "0"), "<ID>0</ID>")
	run(build, "", "sh", "-e", "-c", block("uninstall"))
	assert.NoDirExists(t, folder)
	assert.NoFileExists(t, filepath.Join(location, "etc/schedulers/domicile.conf"))
}

func planOf(id int) *opennebula.Plan { return &opennebula.Plan{ID: id} }
