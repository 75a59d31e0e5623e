// Package fake is an oned of OpenNebula 6 for tests, as far as the service for it sees one.
package fake

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
)

// Session is the only one that it takes.
const Session = "oneadmin:secret"

// Oned has pools, and machines whose requirements can be written. It serves XML-RPC at any path.
type Oned struct {
	mu      sync.Mutex
	Hosts   string // of the pool, see [Host]
	VMs     []*VM
	Updates int    // calls of one.vm.update that it obeyed
	Failing string // a method that answers an error
}

// VM is a virtual machine without disks and interfaces.
type VM struct {
	ID, State    int
	CPU          float64
	Memory       int // MiB
	Requirements string
	More         string            // of USER_TEMPLATE
	Record       string            // of HISTORY_RECORDS: then it runs, and is the administrator's
	Wrote        map[string]string // by one.vm.update
}

// Wrote is what was written into a machine, by attribute, while others may write on.
func (o *Oned) Wrote(id int) map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, v := range o.VMs {
		if v.ID == id {
			return maps.Clone(v.Wrote)
		}
	}
	return nil
}

func (v *VM) xml() string {
	user := v.More
	if v.Wrote == nil && v.Requirements != "" {
		user += "<SCHED_REQUIREMENTS><![CDATA[" + v.Requirements + "]]></SCHED_REQUIREMENTS>"
	}
	for k, text := range v.Wrote {
		user += fmt.Sprintf("<%s><![CDATA[%s]]></%s>", k, text, k)
	}
	owner, lcm := 2, 0
	if v.Record != "" {
		owner, lcm = 0, 3
	}
	return fmt.Sprintf(`<VM><ID>%d</ID><UID>%d</UID><GID>1</GID><UNAME>ann</UNAME><GNAME>users</GNAME><NAME>vm%d</NAME><STATE>%d</STATE><LCM_STATE>%d</LCM_STATE><RESCHED>0</RESCHED><TEMPLATE><CPU>%g</CPU><MEMORY>%d</MEMORY></TEMPLATE><USER_TEMPLATE>%s</USER_TEMPLATE><HISTORY_RECORDS>%s</HISTORY_RECORDS></VM>`,
		v.ID, owner, v.ID, v.State, lcm, v.CPU, v.Memory, user, v.Record)
}

const cluster = `<CLUSTER_POOL><CLUSTER><ID>100</ID><NAME>de</NAME><HOSTS/><DATASTORES><ID>0</ID></DATASTORES><VNETS/><TEMPLATE><COUNTRY>DE</COUNTRY></TEMPLATE></CLUSTER><CLUSTER><ID>101</ID><NAME>us</NAME><HOSTS/><DATASTORES><ID>0</ID></DATASTORES><VNETS/><TEMPLATE><COUNTRY>US</COUNTRY></TEMPLATE></CLUSTER></CLUSTER_POOL>`
const datastores = `<DATASTORE_POOL><DATASTORE><ID>0</ID><NAME>system</NAME><TYPE>1</TYPE><STATE>0</STATE><TM_MAD>shared</TM_MAD><TOTAL_MB>1000000</TOTAL_MB><FREE_MB>900000</FREE_MB><CLUSTERS><ID>100</ID><ID>101</ID></CLUSTERS><TEMPLATE><SHARED>YES</SHARED></TEMPLATE></DATASTORE></DATASTORE_POOL>`

// Host writes a host of 8 cores and 16 GiB.
func Host(id, cluster, usedCPU int) string {
	name := map[int]string{100: "de", 101: "us"}[cluster]
	return fmt.Sprintf(`<HOST><ID>%d</ID><NAME>h%d</NAME><STATE>2</STATE><CLUSTER_ID>%d</CLUSTER_ID><CLUSTER>%s</CLUSTER><HOST_SHARE><MEM_USAGE>0</MEM_USAGE><CPU_USAGE>%d</CPU_USAGE><MAX_MEM>16777216</MAX_MEM><MAX_CPU>800</MAX_CPU><RUNNING_VMS>0</RUNNING_VMS></HOST_SHARE><VMS/><TEMPLATE/><MONITORING/></HOST>`,
		id, id, cluster, name, usedCPU)
}

func (o *Oned) pool(method string) (string, bool) {
	switch method {
	case "one.system.version":
		return "6.10.0", true
	case "one.vmpool.infoextended":
		var b strings.Builder
		for _, v := range o.VMs {
			b.WriteString(v.xml())
		}
		return "<VM_POOL>" + b.String() + "</VM_POOL>", true
	case "one.hostpool.info":
		return "<HOST_POOL>" + o.Hosts + "</HOST_POOL>", true
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

// value is a parameter.
type value struct {
	String string `xml:"string"`
	I4     string `xml:"i4"`
}

// ServeHTTP answers a call.
func (o *Oned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	text, _ := io.ReadAll(r.Body)
	var call struct {
		Method string  `xml:"methodName"`
		Params []value `xml:"params>param>value"`
	}
	if err := xml.Unmarshal(text, &call); err != nil || len(call.Params) == 0 {
		http.Error(w, "no call", http.StatusBadRequest)
		return
	}
	reply := func(ok int, text string) {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(text))
		fmt.Fprintf(w, `<?xml version="1.0"?><methodResponse><params><param><value><array><data><value><boolean>%d</boolean></value><value><string>%s</string></value><value><i4>0</i4></value></data></array></value></param></params></methodResponse>`, ok, b.String())
	}
	switch session := call.Params[0].String; {
	case session != Session:
		reply(0, "["+call.Method+"] User couldn't be authenticated, aborting call.")
	case call.Method == o.Failing:
		reply(0, "["+call.Method+"] out of order")
	case call.Method == "one.vm.update":
		reply(o.update(call.Params[1].I4, call.Params[2].String))
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
func (o *Oned) update(id, template string) (int, string) {
	for _, v := range o.VMs {
		if fmt.Sprint(v.ID) != id {
			continue
		}
		o.Updates++
		if v.Wrote == nil {
			v.Wrote = map[string]string{}
		}
		for line := range strings.Lines(template) {
			name, text, _ := strings.Cut(strings.TrimSpace(line), " = ")
			v.Wrote[name] = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`))
		}
		return 1, id
	}
	return 0, "no VM " + id
}
