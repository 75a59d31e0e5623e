package external

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// oned is OpenNebula as far as this service sees it: pools, and machines whose requirements can be written.
type oned struct {
	mu       sync.Mutex
	hosts    string
	vms      []*fakeVM
	updates  int
	failing  string // a method that answers an error
	sessions map[string]bool
}

type fakeVM struct {
	id, state    int
	cpu          float64
	memory       int // MiB
	requirements string
	more         string            // of USER_TEMPLATE
	wrote        map[string]string // by one.vm.update
}

func (v *fakeVM) xml() string {
	user := v.more
	if v.wrote == nil && v.requirements != "" {
		user += "<SCHED_REQUIREMENTS><![CDATA[" + v.requirements + "]]></SCHED_REQUIREMENTS>"
	}
	for k, text := range v.wrote {
		user += fmt.Sprintf("<%s><![CDATA[%s]]></%s>", k, text, k)
	}
	return fmt.Sprintf(`<VM><ID>%d</ID><UID>2</UID><GID>1</GID><UNAME>ann</UNAME><GNAME>users</GNAME><NAME>vm%d</NAME><STATE>%d</STATE><LCM_STATE>0</LCM_STATE><RESCHED>0</RESCHED><TEMPLATE><CPU>%g</CPU><MEMORY>%d</MEMORY></TEMPLATE><USER_TEMPLATE>%s</USER_TEMPLATE><HISTORY_RECORDS/></VM>`,
		v.id, v.id, v.state, v.cpu, v.memory, user)
}

const cluster = `<CLUSTER_POOL><CLUSTER><ID>100</ID><NAME>de</NAME><HOSTS/><DATASTORES><ID>0</ID></DATASTORES><VNETS/><TEMPLATE><COUNTRY>DE</COUNTRY></TEMPLATE></CLUSTER><CLUSTER><ID>101</ID><NAME>us</NAME><HOSTS/><DATASTORES><ID>0</ID></DATASTORES><VNETS/><TEMPLATE><COUNTRY>US</COUNTRY></TEMPLATE></CLUSTER></CLUSTER_POOL>`
const datastores = `<DATASTORE_POOL><DATASTORE><ID>0</ID><NAME>system</NAME><TYPE>1</TYPE><STATE>0</STATE><TM_MAD>shared</TM_MAD><TOTAL_MB>1000000</TOTAL_MB><FREE_MB>900000</FREE_MB><CLUSTERS><ID>100</ID><ID>101</ID></CLUSTERS><TEMPLATE><SHARED>YES</SHARED></TEMPLATE></DATASTORE></DATASTORE_POOL>`

// host writes a host of 8 cores and 16 GiB.
func host(id, cluster, usedCPU int) string {
	name := map[int]string{100: "de", 101: "us"}[cluster]
	return fmt.Sprintf(`<HOST><ID>%d</ID><NAME>h%d</NAME><STATE>2</STATE><CLUSTER_ID>%d</CLUSTER_ID><CLUSTER>%s</CLUSTER><HOST_SHARE><MEM_USAGE>0</MEM_USAGE><CPU_USAGE>%d</CPU_USAGE><MAX_MEM>16777216</MAX_MEM><MAX_CPU>800</MAX_CPU><RUNNING_VMS>0</RUNNING_VMS></HOST_SHARE><VMS/><TEMPLATE/><MONITORING/></HOST>`,
		id, id, cluster, name, usedCPU)
}

func (o *oned) pool(method string) (string, bool) {
	switch method {
	case "one.system.version":
		return "6.10.0", true
	case "one.vmpool.infoextended":
		var b strings.Builder
		for _, v := range o.vms {
			b.WriteString(v.xml())
		}
		return "<VM_POOL>" + b.String() + "</VM_POOL>", true
	case "one.hostpool.info":
		return "<HOST_POOL>" + o.hosts + "</HOST_POOL>", true
	case "one.datastorepool.info":
		return datastores, true
	case "one.vnpool.info":
		return "<VNET_POOL/>", true
	case "one.vmgrouppool.info":
		return "<VM_GROUP_POOL/>", true
	case "one.clusterpool.info":
		return cluster, true
	}
	return "", false
}

func (o *oned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	text, _ := io.ReadAll(r.Body)
	var call struct {
		Method string  `xml:"methodName"`
		Params []value `xml:"params>param>value"`
	}
	if err := xml.Unmarshal(text, &call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply := func(ok int, text string) {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(text))
		fmt.Fprintf(w, `<?xml version="1.0"?><methodResponse><params><param><value><array><data><value><boolean>%d</boolean></value><value><string>%s</string></value><value><i4>0</i4></value></data></array></value></param></params></methodResponse>`, ok, b.String())
	}
	switch session := call.Params[0].text(); {
	case session != "oneadmin:secret":
		reply(0, "["+call.Method+"] User couldn't be authenticated, aborting call.")
	case call.Method == o.failing:
		reply(0, "["+call.Method+"] out of order")
	case call.Method == "one.vm.update":
		reply(o.update(*call.Params[1].I4, call.Params[2].text()))
	default:
		text, ok := o.pool(call.Method)
		if !ok {
			reply(0, "no such method "+call.Method)
			return
		}
		reply(1, text)
	}
}

// update appends a template of lines NAME = "value".
func (o *oned) update(id, template string) (int, string) {
	for _, v := range o.vms {
		if fmt.Sprint(v.id) != id {
			continue
		}
		o.updates++
		if v.wrote == nil {
			v.wrote = map[string]string{}
		}
		for line := range strings.Lines(template) {
			name, text, _ := strings.Cut(strings.TrimSpace(line), " = ")
			v.wrote[name] = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`))
		}
		return 1, id
	}
	return 0, "no VM " + id
}

// listen serves the fake on loopback.
func (o *oned) listen(t *testing.T) API {
	t.Helper()
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	return API{Endpoint: server.URL + "/RPC2", Session: "oneadmin:secret", Client: server.Client()}
}

func started(t *testing.T, o *oned, opts Options) *Service {
	t.Helper()
	s, err := New(t.Context(), o.listen(t), opts)
	require.NoError(t, err)
	return s
}
