package external

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	// maxRequest is what is read of a request: 100,000 machines with a hundred hosts each.
	maxRequest = 64 << 20
	// maxAnswer is what OpenNebula reads of an answer: it keeps the last piece that curl hands it, of 16 KiB at most.
	maxAnswer = 16 << 10
)

// Machine is one virtual machine of a request. Current is where it runs, -1 where it does not.
type Machine struct {
	ID, Current int
	Hosts       []int // that passed OpenNebula's own tests, ascending
}

// Choice is a host for a machine.
type Choice struct {
	ID   int `json:"ID"`
	Host int `json:"HOST_ID"`
}

// readRequest reads what OpenNebula posts. Unknown fields are passed over; every defect is named.
func readRequest(r io.Reader) ([]Machine, error) {
	limited := &io.LimitedReader{R: r, N: maxRequest + 1}
	var doc struct {
		VMs []struct {
			ID    *int  `json:"ID"`
			Host  *int  `json:"HOST_ID"`
			Hosts []int `json:"HOST_IDS"`
		} `json:"VMS"`
	}
	dec := json.NewDecoder(limited)
	err := dec.Decode(&doc)
	switch {
	case limited.N <= 0:
		return nil, fmt.Errorf("the request exceeds %d MiB", maxRequest>>20)
	case err != nil:
		return nil, fmt.Errorf("the request is not JSON as OpenNebula writes it: %w", err)
	case doc.VMs == nil:
		return nil, errors.New("the request has no VMS")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("the request goes on behind its end")
	}
	var errs []error
	seen := make(map[int]bool)
	out := make([]Machine, 0, len(doc.VMs))
	for i, v := range doc.VMs {
		switch {
		case v.ID == nil || *v.ID < 0:
			errs = append(errs, fmt.Errorf("VMS[%d].ID is missing or negative", i))
			continue
		case seen[*v.ID]:
			errs = append(errs, fmt.Errorf("VMS[%d].ID: %d stands there twice", i, *v.ID))
			continue
		}
		seen[*v.ID] = true
		m := Machine{ID: *v.ID, Current: -1, Hosts: slices.Clone(v.Hosts)}
		if v.Host != nil {
			m.Current = *v.Host
		}
		slices.Sort(m.Hosts)
		m.Hosts = slices.Compact(m.Hosts)
		if len(m.Hosts) > 0 && m.Hosts[0] < 0 {
			errs = append(errs, fmt.Errorf("VMS[%d].HOST_IDS: %d is negative", i, m.Hosts[0]))
		}
		out = append(out, m)
	}
	return out, errors.Join(errs...)
}

// writeAnswer writes choices in one piece that OpenNebula reads whole: as many as fit, the first ones first. It returns how
// many were left out.
func writeAnswer(choices []Choice) (body []byte, left int) {
	b := bytes.NewBufferString(`{"VMS":[`)
	for i, c := range choices {
		entry, _ := json.Marshal(c)
		if b.Len()+len(entry)+len(",]}") > maxAnswer {
			left = len(choices) - i
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(entry)
	}
	b.WriteString("]}")
	return b.Bytes(), left
}
