package external

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/adapters/opennebula"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// inGermany admits nothing outside, and nothing at all whose name is secret.
type inGermany struct{}

func (inGermany) Admit(_ context.Context, _ placement.Scope, w *placement.Workload, sites []*topology.Site) ([]placement.Verdict, error) {
	out := make([]placement.Verdict, len(sites))
	for i, s := range sites {
		out[i].Denied = s.Country != "DE" || w.Data == "secret"
	}
	return out, nil
}

func (inGermany) Reasons(context.Context, placement.Scope, *placement.Workload, *topology.Site) ([]placement.Reason, error) {
	return []placement.Reason{{Code: "DE-1", Title: "in Germany only"}}, nil
}

func policies() (*opennebula.Config, error) { return &opennebula.Config{Admission: inGermany{}}, nil }
func none() (*opennebula.Config, error)     { return &opennebula.Config{}, nil }

func ask(t *testing.T, s *Service, request string) (int, []Choice, *httptest.ResponseRecorder) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/anything", strings.NewReader(request)))
	var out struct{ VMS []Choice }
	if w.Code == http.StatusOK {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out), w.Body.String())
		assert.Equal(t, fmt.Sprint(w.Body.Len()), w.Header().Get("Content-Length"))
	}
	return w.Code, out.VMS, w
}

const pending = `{"VMS":[{"ID":1,"STATE":"PENDING","HOST_IDS":[0,1,2],"CAPACITY":{"CPU":2,"MEMORY":1048576,"DISK_SIZE":0},"VM_ATTRIBUTES":null}]}`

func TestAPolicyIsWrittenIntoTheRequirements(t *testing.T) {
	o := &oned{hosts: host(0, 100, 0) + host(1, 101, 0) + host(2, 101, 0),
		vms: []*fakeVM{{id: 1, state: 1, cpu: 2, memory: 1024, requirements: `ARCH = "x86"`}}}
	s := started(t, o, Options{Configure: policies, Hard: true})
	code, choices, _ := ask(t, s, pending)
	assert.Equal(t, http.StatusOK, code)
	assert.Equal(t, []Choice{{1, 0}}, choices)
	assert.Equal(t, `(ID = 0) & (ARCH = "x86")`, o.vms[0].wrote[attrRequirements])
	assert.Equal(t, `ARCH = "x86"`, o.vms[0].wrote[attrOwner])

	_, _, _ = ask(t, s, pending)
	assert.Equal(t, 1, o.updates, "what is right is not written again")
	o.hosts += host(7, 100, 0)
	_, _, _ = ask(t, s, pending)
	assert.Equal(t, `(ID = 0 | ID = 7) & (ARCH = "x86")`, o.vms[0].wrote[attrRequirements], "a new host after it was judged")
	o.vms[0].wrote[attrRequirements] = `ARCH = "arm"` // the owner changes her mind
	require.NoError(t, s.round(t.Context()))
	assert.Equal(t, `(ID = 0 | ID = 7) & (ARCH = "arm")`, o.vms[0].wrote[attrRequirements])
	assert.Equal(t, `ARCH = "arm"`, o.vms[0].wrote[attrOwner])
}

// TestWhatIsRefusedEverywhereIsSentWhereItCannotGo: leaving it out would let OpenNebula choose.
func TestWhatIsRefusedEverywhereIsSentWhereItCannotGo(t *testing.T) {
	secret := "<DATA_CLASS>secret</DATA_CLASS>"
	o := &oned{hosts: host(0, 100, 0) + host(1, 101, 700) + host(2, 101, 0), vms: []*fakeVM{{id: 1, state: 1, cpu: 2, memory: 1024, more: secret}}}
	s := started(t, o, Options{Configure: policies, Hard: true})
	_, choices, _ := ask(t, s, pending)
	assert.Equal(t, []Choice{{1, 1}}, choices, "host 1 has one core left")
	assert.Equal(t, "ID = -1", o.vms[0].wrote[attrRequirements])
	_, choices, _ = ask(t, s, `{"VMS":[{"ID":1,"STATE":"PENDING","HOST_IDS":[],"CAPACITY":{},"VM_ATTRIBUTES":{}}]}`)
	assert.Empty(t, choices, "once OpenNebula knows, nothing needs to be said")
	assert.EqualValues(t, 1, s.count.vetoes.Load())

	o = &oned{hosts: host(0, 101, 0), vms: []*fakeVM{{id: 1, state: 1, cpu: 2, memory: 1024, more: secret}}}
	s = started(t, o, Options{Configure: policies, Hard: true})
	_, choices, _ = ask(t, s, pending)
	assert.Empty(t, choices)
	assert.EqualValues(t, 1, s.count.exposed.Load(), "no host is full: said, and counted")
}

func TestWatchWritesAheadOfTime(t *testing.T) {
	o := &oned{hosts: host(0, 100, 0) + host(1, 101, 0),
		vms: []*fakeVM{{id: 1, state: 1, cpu: 2, memory: 1024}, {id: 2, state: 2, cpu: 1, memory: 512}, {id: 3, state: 3, cpu: 1, memory: 512}}}
	s := started(t, o, Options{Configure: policies, Hard: true})
	require.NoError(t, s.round(t.Context()))
	assert.Equal(t, "ID = 0", o.vms[0].wrote[attrRequirements])
	assert.Equal(t, "ID = 0", o.vms[1].wrote[attrRequirements], "held ones too: they may be released at any time")
	assert.Nil(t, o.vms[2].wrote, "what runs is left alone")
	o.failing = "one.vm.update"
	o.vms[0].wrote = nil
	assert.ErrorIs(t, s.round(t.Context()), ErrAPI)
	o.failing = "one.hostpool.info"
	assert.ErrorIs(t, s.round(t.Context()), ErrAPI)
}

func TestWithoutPoliciesNothingIsWritten(t *testing.T) {
	o := &oned{hosts: host(0, 100, 0) + host(1, 101, 0), vms: []*fakeVM{{id: 1, state: 1, cpu: 2, memory: 1024}}}
	s := started(t, o, Options{Configure: none})
	_, choices, _ := ask(t, s, pending)
	assert.Len(t, choices, 1)
	assert.Zero(t, o.updates)
}

func TestItRefusesToServeWhatItCouldNotEnforce(t *testing.T) {
	o := &oned{}
	api := o.listen(t)
	_, err := New(t.Context(), api, Options{})
	assert.ErrorContains(t, err, "no configuration")
	api.Session = ""
	_, err = New(t.Context(), api, Options{Configure: policies, Hard: true})
	assert.ErrorContains(t, err, "nothing could enforce")
	api.Session = "oneadmin:wrong"
	_, err = New(t.Context(), api, Options{Configure: policies, Hard: true})
	assert.ErrorContains(t, err, "authenticated")
}

func TestWhatCannotBeAnsweredIsNotHalfAnswered(t *testing.T) {
	o := &oned{hosts: host(0, 100, 0), vms: []*fakeVM{{id: 1, state: 1, cpu: 2, memory: 1024}}}
	s := started(t, o, Options{Configure: policies, Hard: true})
	for request, want := range map[string]string{
		``: "not JSON", `{}`: "no VMS", `{"VMS":[{}]}`: "VMS[0].ID is missing", `{"VMS":[]} x`: "goes on",
		`{"VMS":[{"ID":1},{"ID":1}]}`: "twice", `{"VMS":[{"ID":1,"HOST_IDS":[-3]}]}`: "negative", `{"VMS":[{"ID":1e40}]}`: "not JSON",
	} {
		code, _, w := ask(t, s, request)
		assert.Equal(t, http.StatusBadRequest, code, request)
		assert.Contains(t, w.Body.String(), want, request)
	}
	o.failing = "one.vmpool.infoextended"
	code, _, w := ask(t, s, pending)
	assert.Equal(t, http.StatusServiceUnavailable, code)
	assert.Contains(t, w.Body.String(), "out of order")
	get := httptest.NewRecorder()
	s.ServeHTTP(get, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, get.Code)
}

func TestAnAnswerFitsInOnePiece(t *testing.T) {
	choices := make([]Choice, 2000)
	for i := range choices {
		choices[i] = Choice{100_000 + i, 1000 + i}
	}
	body, left := writeAnswer(choices)
	assert.LessOrEqual(t, len(body), maxAnswer)
	assert.Greater(t, len(body), maxAnswer-40)
	var out struct{ VMS []Choice }
	require.NoError(t, json.Unmarshal(body, &out))
	assert.Equal(t, choices[:2000-left], out.VMS)
	assert.Greater(t, len(out.VMS), 500)
	body, left = writeAnswer(nil)
	assert.Equal(t, `{"VMS":[]}`, string(body))
	assert.Zero(t, left)
}

func TestHostsInARow(t *testing.T) {
	all := []int{0, 1, 2, 3, 5, 6, 9}
	for want, admitted := range map[string][]int{
		"ID = -1": {}, "ID = 5": {5}, "(ID > -1 & ID < 7)": {0, 1, 2, 3, 5, 6}, "ID = 0 | ID = 1 | (ID > 2 & ID < 10)": {0, 1, 3, 5, 6, 9},
	} {
		assert.Equal(t, want, hostsText(admitted, all))
	}
}

func TestOperate(t *testing.T) {
	o := &oned{hosts: host(0, 100, 0), vms: []*fakeVM{{id: 1, state: 1, cpu: 2, memory: 1024}}}
	s := started(t, o, Options{Configure: policies, Hard: true})
	_, _, _ = ask(t, s, pending)
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		s.Operate().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	for _, path := range []string{"/healthz", "/livez", "/readyz"} {
		code, _ := get(path)
		assert.Equal(t, http.StatusOK, code, path)
	}
	_, text := get("/metrics")
	for _, want := range []string{"domicile_opennebula_requests_total 1\n", "requirements_written_total 1\n", `_bucket{le="+Inf"} 1`} {
		assert.Contains(t, text, want)
	}
	o.failing = "one.system.version"
	code, _ := get("/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, code)
}

func FuzzReply(f *testing.F) {
	f.Add(`<methodResponse><params><param><value><array><data><value><boolean>1</boolean></value><value><string>x</string></value></data></array></value></param></params></methodResponse>`)
	f.Add(`<methodResponse><fault><value><struct><member><name>faultString</name><value>no</value></member></struct></value></fault></methodResponse>`)
	f.Fuzz(func(t *testing.T, text string) { _, _ = answer(strings.NewReader(text)) })
}

func FuzzRequest(f *testing.F) {
	f.Add(pending)
	f.Fuzz(func(t *testing.T, text string) {
		if machines, err := readRequest(strings.NewReader(text)); err == nil {
			for _, m := range machines {
				assert.GreaterOrEqual(t, m.ID, 0)
			}
		}
	})
}
