package opennebula

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// small is a document with one of everything.
const small = `<SCHEDULER_DRIVER_ACTION><VM_POOL>
<VM><ID>1</ID><UID>0</UID><STATE>1</STATE><LCM_STATE>0</LCM_STATE><TEMPLATE><CPU>1.5</CPU><MEMORY>512</MEMORY>
<DISK><TYPE>fs</TYPE><SIZE>10</SIZE></DISK><DISK><DATASTORE_ID>1</DATASTORE_ID><CLONE>YES</CLONE><CLONE_TARGET>SELF</CLONE_TARGET><SIZE>3</SIZE></DISK>
<NIC><NIC_ID>0</NIC_ID><NETWORK_MODE>auto</NETWORK_MODE></NIC><PCI><VENDOR>10DE</VENDOR></PCI><TOPOLOGY><PIN_POLICY>CORE</PIN_POLICY></TOPOLOGY>
<NUMA_NODE><TOTAL_CPUS>2</TOTAL_CPUS><MEMORY>524288</MEMORY></NUMA_NODE><VMGROUP><VMGROUP_ID>0</VMGROUP_ID><ROLE>a</ROLE></VMGROUP></TEMPLATE><USER_TEMPLATE><X><![CDATA[y]]></X></USER_TEMPLATE></VM>
<VM><ID>2</ID><UID>0</UID><STATE>3</STATE><LCM_STATE>3</LCM_STATE><RESCHED>1</RESCHED><MONITORING><CPU>12.5</CPU></MONITORING><TEMPLATE><CPU>1</CPU><MEMORY>256</MEMORY></TEMPLATE>
<HISTORY_RECORDS><HISTORY><SEQ>0</SEQ><HID>0</HID><CID>0</CID><DS_ID>100</DS_ID></HISTORY></HISTORY_RECORDS></VM></VM_POOL>
<HOST_POOL><HOST><ID>0</ID><STATE>2</STATE><CLUSTER_ID>0</CLUSTER_ID><HOST_SHARE><CPU_USAGE>100</CPU_USAGE><MEM_USAGE>262144</MEM_USAGE><MAX_CPU>800</MAX_CPU><MAX_MEM>8388608</MAX_MEM>
<PCI_DEVICES><PCI><VENDOR>10de</VENDOR><VMID>-1</VMID></PCI></PCI_DEVICES><NUMA_NODES><NODE><NODE_ID>0</NODE_ID><CORE><CPUS>0:-1,1:-1</CPUS><FREE>2</FREE></CORE><MEMORY><TOTAL>8388608</TOTAL><USAGE>0</USAGE></MEMORY></NODE></NUMA_NODES>
</HOST_SHARE><VMS><ID>2</ID></VMS></HOST><HOST><ID>1</ID><STATE>2</STATE><CLUSTER_ID>0</CLUSTER_ID><HOST_SHARE><MAX_CPU>400</MAX_CPU><MAX_MEM>4194304</MAX_MEM></HOST_SHARE></HOST></HOST_POOL>
<DATASTORE_POOL><DATASTORE><ID>1</ID><TYPE>0</TYPE><FREE_MB>100</FREE_MB><CLUSTERS><ID>0</ID></CLUSTERS></DATASTORE><DATASTORE><ID>100</ID><TYPE>1</TYPE><FREE_MB>100</FREE_MB><CLUSTERS><ID>0</ID></CLUSTERS><TEMPLATE><SHARED>YES</SHARED></TEMPLATE></DATASTORE></DATASTORE_POOL>
<VNET_POOL><VNET><ID>0</ID><CLUSTERS><ID>0</ID></CLUSTERS><AR_POOL><AR><SIZE>2</SIZE></AR></AR_POOL><USED_LEASES>1</USED_LEASES></VNET></VNET_POOL>
<VM_GROUP_POOL><VM_GROUP><ID>0</ID><ROLES><ROLE><NAME>a</NAME><POLICY>ANTI_AFFINED</POLICY><VMS>1,2</VMS></ROLE></ROLES></VM_GROUP></VM_GROUP_POOL><CLUSTER_POOL/>
<REQUIREMENTS><VM><ID>1</ID><HOSTS><ID>0</ID><ID>1</ID></HOSTS><DATASTORES><ID>100</ID></DATASTORES><NIC><ID>0</ID><VNETS><ID>0</ID></VNETS></NIC></VM>
<VM><ID>2</ID><HOSTS><ID>1</ID></HOSTS><DATASTORES><ID>100</ID></DATASTORES></VM></REQUIREMENTS></SCHEDULER_DRIVER_ACTION>`

// What must leave makes room for what must not meet it, one wave after the other.
func TestDecide_small(t *testing.T) {
	d, err := Read(bytes.NewReader([]byte(small)))
	require.NoError(t, err)
	require.Empty(t, d.Defects)
	a, err := Decide(t.Context(), d, nil)
	require.NoError(t, err)
	require.Equal(t, []Action{{VM: 2, Operation: Migrate, Host: 1, Datastore: 100}}, a.Wave.Actions)
	require.Equal(t, 2, a.Waves)
	carry(d, &a.Wave)
	d.Requirements = d.Requirements[:1]
	a, err = Decide(t.Context(), d, nil)
	require.NoError(t, err)
	require.Equal(t, []Action{{VM: 1, Operation: Deploy, Host: 0, Datastore: 100, NICs: []NICNetwork{{0, 0}}}}, a.Wave.Actions)
}

// FuzzRead: no input breaks the reader, and what is decided on what it accepts is safe.
func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte(small))))
	for _, bad := range []string{"-1", "1e999", "99999999999999999999", "0x10", "NaN", "1_0", "", "<X/>"} {
		f.Add(bytes.ReplaceAll([]byte(small), []byte("<CPU>1.5"), []byte("<CPU>"+bad)))
		f.Add(bytes.ReplaceAll([]byte(small), []byte("<MAX_CPU>400"), []byte("<MAX_CPU>"+bad)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Read(bytes.NewReader(text))
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		if len(d.VMs) > 20 || len(d.Hosts) > 20 {
			return
		}
		for _, mode := range []Mode{Place, Optimize} {
			cfg := &Config{Mode: mode, MaxSteps: 1000}
			if len(d.Clusters) == 1 {
				cfg.Cluster = d.Clusters[0].ID
			}
			a, err := Decide(t.Context(), d, cfg)
			if err != nil {
				require.ErrorIs(t, err, ErrInvalid)
				continue
			}
			require.Empty(t, CheckPlan(d, mode, &a.Wave))
			var b bytes.Buffer
			require.NoError(t, WritePlan(&b, &a.Wave))
		}
	})
}

// An entry that cannot be understood is named with its field and takes no part; the others do.
func TestRead_defects(t *testing.T) {
	for from, to := range map[string]string{
		"<CPU>1.5": "<CPU>-3", "<SIZE>10": "<SIZE>x", "<MEMORY>512": "<MEMORY>1e30", "<STATE>1<": "<STATE>9999999999<",
	} {
		d, err := Read(bytes.NewReader(bytes.Replace([]byte(small), []byte(from), []byte(to), 1)))
		require.NoError(t, err)
		require.NotEmpty(t, d.Defects)
		require.Contains(t, d.Defects[0], "VM 1: ")
		a, err := Decide(t.Context(), d, nil)
		require.NoError(t, err)
		require.Len(t, a.Wave.Actions, 1, fmt.Sprint(a))
		require.NotEmpty(t, a.Reasons[1])
	}
	d, err := Read(bytes.NewReader(bytes.Replace([]byte(small), []byte("<MAX_CPU>400"), []byte("<MAX_CPU>many"), 1)))
	require.NoError(t, err)
	require.Equal(t, []string{`HOST 1: MAX_CPU: "many" is no amount`}, d.Defects)
	a, err := Decide(t.Context(), d, nil)
	require.NoError(t, err)
	require.Empty(t, a.Wave.Actions)
	require.Contains(t, a.Reasons[2], "takes nothing new: 1")
}
