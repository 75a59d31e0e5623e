package opennebula_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/domicile-eu/domicile/adapters/opennebula"
)

// One pending VM, and two hosts of which one is full.
const document = `<SCHEDULER_DRIVER_ACTION>
<VM_POOL><VM><ID>7</ID><STATE>1</STATE><TEMPLATE><CPU>2</CPU><MEMORY>512</MEMORY></TEMPLATE></VM></VM_POOL>
<HOST_POOL>
<HOST><ID>1</ID><STATE>2</STATE><CLUSTER_ID>0</CLUSTER_ID><HOST_SHARE><MAX_CPU>400</MAX_CPU><CPU_USAGE>300</CPU_USAGE><MAX_MEM>4194304</MAX_MEM></HOST_SHARE></HOST>
<HOST><ID>2</ID><STATE>2</STATE><CLUSTER_ID>0</CLUSTER_ID><HOST_SHARE><MAX_CPU>400</MAX_CPU><MAX_MEM>4194304</MAX_MEM></HOST_SHARE></HOST>
</HOST_POOL>
<DATASTORE_POOL><DATASTORE><ID>100</ID><TYPE>1</TYPE><FREE_MB>100</FREE_MB><CLUSTERS><ID>0</ID></CLUSTERS></DATASTORE></DATASTORE_POOL>
<VNET_POOL/><VM_GROUP_POOL/><CLUSTER_POOL/>
<REQUIREMENTS><VM><ID>7</ID><HOSTS><ID>1</ID><ID>2</ID></HOSTS><DATASTORES><ID>100</ID></DATASTORES></VM></REQUIREMENTS>
</SCHEDULER_DRIVER_ACTION>`

func Example() {
	d, err := opennebula.Read(strings.NewReader(document))
	if err != nil {
		log.Fatal(err)
	}
	a, err := opennebula.Decide(context.Background(), d, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("wrong:", opennebula.CheckPlan(d, opennebula.Place, &a.Wave))
	if err := opennebula.WritePlan(os.Stdout, &a.Wave); err != nil {
		log.Fatal(err)
	}
	// Output:
	// wrong: []
	// <PLAN>
	//   <ID>-1</ID>
	//   <ACTION>
	//     <VM_ID>7</VM_ID>
	//     <OPERATION>deploy</OPERATION>
	//     <HOST_ID>2</HOST_ID>
	//     <DS_ID>100</DS_ID>
	//   </ACTION>
	// </PLAN>
}
