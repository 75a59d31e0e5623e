package opennebula

import (
	"bytes"
	"fmt"
	"io"
)

// The operations of a plan that this package uses.
const (
	Deploy  = "deploy"
	Migrate = "migrate"
)

// Plan is what oned executes, in this order. ID is -1 for a placement, the cluster's for an optimization.
type Plan struct {
	ID      int
	Actions []Action
}

// Action is one step. Datastore is -1 for that which the VM is on.
type Action struct {
	VM              int
	Operation       string
	Host, Datastore int
	NICs            []NICNetwork // of a deploy: one for each automatic interface
}

// NICNetwork is the network chosen for an interface.
type NICNetwork struct{ NIC, Network int }

// WritePlan writes p as oned reads it. Every action has all elements that oned insists on, whatever the published schema
// says: one that lacks HOST_ID or DS_ID makes oned refuse the whole plan. It writes once, and nothing where it fails.
func WritePlan(w io.Writer, p *Plan) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<PLAN>\n  <ID>%d</ID>\n", p.ID)
	for _, a := range p.Actions {
		if a.Operation != Deploy && a.Operation != Migrate {
			return fmt.Errorf("%w: VM %d: operation %q", ErrInvalid, a.VM, a.Operation)
		}
		fmt.Fprintf(&b, "  <ACTION>\n    <VM_ID>%d</VM_ID>\n    <OPERATION>%s</OPERATION>\n    <HOST_ID>%d</HOST_ID>\n    <DS_ID>%d</DS_ID>\n",
			a.VM, a.Operation, a.Host, a.Datastore)
		for _, n := range a.NICs {
			fmt.Fprintf(&b, "    <NIC>\n      <NIC_ID>%d</NIC_ID>\n      <NETWORK_ID>%d</NETWORK_ID>\n    </NIC>\n", n.NIC, n.Network)
		}
		b.WriteString("  </ACTION>\n")
	}
	b.WriteString("</PLAN>\n")
	_, err := w.Write(b.Bytes())
	return err
}
