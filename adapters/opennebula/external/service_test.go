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
	"github.com/domicile-eu/domicile/adapters/opennebula/internal/fake"
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

// listen serves an oned on loopback.
func listen(t *testing.T, o *fake.Oned) API {
	t.Helper()
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	return API{Endpoint: server.URL + "/RPC2", Session: fake.Session, Client: server.Client()}
}

func started(t *testing.T, o *fake.Oned, opts Options) *Service {
	t.Helper()
	s, err := New(t.Context(), listen(t, o), opts)
	require.NoError(t, err)
	return s
}

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
	o := &fake.Oned{Hosts: fake.Host(0, 100, 0) + fake.Host(1, 101, 0) + fake.Host(2, 101, 0),
		VMs: []*fake.VM{{ID: 1, State: 1, CPU: 2, Memory: 1024, Requirements: `ARCH = "x86"`}}}
	s := started(t, o, Options{Configure: policies, Hard: true})
	code, choices, _ := ask(t, s, pending)
	assert.Equal(t, http.StatusOK, code)
	assert.Equal(t, []Choice{{1, 0}}, choices)
	assert.Equal(t, `(ID = 0) & (ARCH = "x86")`, o.VMs[0].Wrote[attrRequirements])
	assert.Equal(t, `ARCH = "x86"`, o.VMs[0].Wrote[attrOwner])

	_, _, _ = ask(t, s, pending)
	assert.Equal(t, 1, o.Updates, "what is right is not written again")
	o.Hosts += fake.Host(7, 100, 0)
	_, _, _ = ask(t, s, pending)
	assert.Equal(t, `(ID = 0 | ID = 7) & (ARCH = "x86")`, o.VMs[0].Wrote[attrRequirements], "a new host after it was judged")
	o.VMs[0].Wrote[attrRequirements] = `ARCH = "arm"` // the owner changes her mind
	require.NoError(t, s.round(t.Context()))
	assert.Equal(t, `(ID = 0 | ID = 7) & (ARCH = "arm")`, o.VMs[0].Wrote[attrRequirements])
	assert.Equal(t, `ARCH = "arm"`, o.VMs[0].Wrote[attrOwner])
}

// TestWhatIsRefusedEverywhereIsSentWhereItCannotGo: leaving it out would let OpenNebula choose.
func TestWhatIsRefusedEverywhereIsSentWhereItCannotGo(t *testing.T) {
	secret := "<DATA_CLASS>secret</DATA_CLASS>"
	o := &fake.Oned{Hosts: fake.Host(0, 100, 0) + fake.Host(1, 101, 700) + fake.Host(2, 101, 0), VMs: []*fake.VM{{ID: 1, State: 1, CPU: 2, Memory: 1024, More: secret}}}
	s := started(t, o, Options{Configure: policies, Hard: true})
	_, choices, _ := ask(t, s, pending)
	assert.Equal(t, []Choice{{1, 1}}, choices, "host 1 has one core left")
	assert.Equal(t, "ID = -1", o.VMs[0].Wrote[attrRequirements])
	_, choices, _ = ask(t, s, `{"VMS":[{"ID":1,"STATE":"PENDING","HOST_IDS":[],"CAPACITY":{},"VM_ATTRIBUTES":{}}]}`)
	assert.Empty(t, choices, "once OpenNebula knows, nothing needs to be said")
	assert.EqualValues(t, 1, s.count.vetoes.Load())

	o = &fake.Oned{Hosts: fake.Host(0, 101, 0), VMs: []*fake.VM{{ID: 1, State: 1, CPU: 2, Memory: 1024, More: secret}}}
	s = started(t, o, Options{Configure: policies, Hard: true})
	_, choices, _ = ask(t, s, pending)
	assert.Empty(t, choices)
	assert.EqualValues(t, 1, s.count.exposed.Load(), "no host is full: said, and counted")
}

func TestWatchWritesAheadOfTime(t *testing.T) {
	o := &fake.Oned{Hosts: fake.Host(0, 100, 0) + fake.Host(1, 101, 0),
		VMs: []*fake.VM{{ID: 1, State: 1, CPU: 2, Memory: 1024}, {ID: 2, State: 2, CPU: 1, Memory: 512}, {ID: 3, State: 3, CPU: 1, Memory: 512}}}
	s := started(t, o, Options{Configure: policies, Hard: true})
	require.NoError(t, s.round(t.Context()))
	assert.Equal(t, "ID = 0", o.VMs[0].Wrote[attrRequirements])
	assert.Equal(t, "ID = 0", o.VMs[1].Wrote[attrRequirements], "held ones too: they may be released at any time")
	assert.Nil(t, o.VMs[2].Wrote, "what runs is left alone")
	o.Failing = "one.vm.update"
	o.VMs[0].Wrote = nil
	assert.ErrorIs(t, s.round(t.Context()), ErrAPI)
	o.Failing = "one.hostpool.info"
	assert.ErrorIs(t, s.round(t.Context()), ErrAPI)
}

func TestWithoutPoliciesNothingIsWritten(t *testing.T) {
	o := &fake.Oned{Hosts: fake.Host(0, 100, 0) + fake.Host(1, 101, 0), VMs: []*fake.VM{{ID: 1, State: 1, CPU: 2, Memory: 1024}}}
	s := started(t, o, Options{Configure: none})
	_, choices, _ := ask(t, s, pending)
	assert.Len(t, choices, 1)
	assert.Zero(t, o.Updates)
}

// TestWhatAMachineStatesIsEnforcedWithoutPolicies: OpenNebula would place what the answer leaves out.
func TestWhatAMachineStatesIsEnforcedWithoutPolicies(t *testing.T) {
	o := &fake.Oned{Hosts: fake.Host(0, 100, 0) + fake.Host(1, 101, 0), VMs: []*fake.VM{{ID: 1, State: 1, CPU: 2, Memory: 1024, More: "<DOMICILE_COUNTRIES>DE</DOMICILE_COUNTRIES>"},
		{ID: 2, State: 1, CPU: 2, Memory: 1024, More: "<DATA_CLASS>health</DATA_CLASS>"}, {ID: 3, State: 1, CPU: 2, Memory: 1024}}}
	s := started(t, o, Options{Configure: none})
	require.NoError(t, s.round(t.Context()))
	assert.Equal(t, "ID = 0", o.VMs[0].Wrote[attrRequirements])
	assert.Equal(t, "ID = -1", o.VMs[1].Wrote[attrRequirements], "a class of data of which nothing is known")
	assert.Nil(t, o.VMs[2].Wrote)
}

// TestNobodyIsSentWhereRoomIsYetToBeMade: the hook moves nothing, so that it would be sent there for ever.
func TestNobodyIsSentWhereRoomIsYetToBeMade(t *testing.T) {
	o := &fake.Oned{Hosts: fake.Host(0, 100, 400) + fake.Host(1, 100, 400), VMs: []*fake.VM{{ID: 1, State: 1, CPU: 6, Memory: 1024},
		{ID: 2, State: 3, CPU: 4, Memory: 1024, Record: "<HISTORY><SEQ>0</SEQ><HID>0</HID><CID>100</CID><DS_ID>0</DS_ID></HISTORY>"}}}
	s := started(t, o, Options{Configure: none})
	code, choices, _ := ask(t, s, pending)
	assert.Equal(t, http.StatusOK, code)
	assert.Empty(t, choices)
}

func TestItRefusesToServeWhatItCouldNotEnforce(t *testing.T) {
	o := &fake.Oned{}
	api := listen(t, o)
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
	o := &fake.Oned{Hosts: fake.Host(0, 100, 0), VMs: []*fake.VM{{ID: 1, State: 1, CPU: 2, Memory: 1024}}}
	s := started(t, o, Options{Configure: policies, Hard: true})
	for request, want := range map[string]string{
		``: "not JSON", `{}`: "no VMS", `{"VMS":[{}]}`: "VMS[0].ID is missing", `{"VMS":[]} x`: "goes on",
		`{"VMS":[{"ID":1},{"ID":1}]}`: "twice", `{"VMS":[{"ID":1,"HOST_IDS":[-3]}]}`: "negative", `{"VMS":[{"ID":1e40}]}`: "not JSON",
	} {
		code, _, w := ask(t, s, request)
		assert.Equal(t, http.StatusBadRequest, code, request)
		assert.Contains(t, w.Body.String(), want, request)
	}
	o.Failing = "one.vmpool.infoextended"
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
	o := &fake.Oned{Hosts: fake.Host(0, 100, 0), VMs: []*fake.VM{{ID: 1, State: 1, CPU: 2, Memory: 1024}}}
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
	o.Failing = "one.system.version"
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
