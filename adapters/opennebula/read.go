package opennebula

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Read reads a document as oned hands it to a scheduler: base64 of XML, with or without line breaks, or the XML itself. It
// reads one entry of a pool at a time and knows nothing of elements that a scheduler does not need.
//
// What is wrong with a single entry is told in Defects, and the entry is marked Bad. Where the document as a whole cannot be
// trusted (it ends in the middle, is no XML, exceeds a limit, lacks a pool, has an ID twice) the error wraps ErrInvalid: a
// plan made from half of the truth would be wrong. Takes time in proportion to the document, and memory to what is kept of it.
func Read(r io.Reader) (*Document, error) {
	d := &Document{}
	if err := d.read(newScanner(r)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return d, nil
}

const root = "SCHEDULER_DRIVER_ACTION"

// pools are the children of the root, and what stands in each.
var pools = [...]struct{ pool, entry string }{
	{"VM_POOL", "VM"}, {"HOST_POOL", "HOST"}, {"DATASTORE_POOL", "DATASTORE"}, {"VNET_POOL", "VNET"},
	{"VM_GROUP_POOL", "VM_GROUP"}, {"CLUSTER_POOL", "CLUSTER"}, {"REQUIREMENTS", "VM"},
}

func (d *Document) read(s *scanner) error {
	if err := s.start(root); err != nil {
		return err
	}
	var seen [len(pools)]bool
	entries := 0
	for {
		t, err := s.next()
		if err != nil {
			return unfinished(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local != root {
				return fmt.Errorf("</%s> ends <%s>", t.Name.Local, root)
			}
			for k, ok := range seen {
				if !ok {
					return fmt.Errorf("%s is missing", pools[k].pool)
				}
			}
			return d.finish(s)
		case xml.StartElement:
			k := slices.IndexFunc(pools[:], func(p struct{ pool, entry string }) bool { return p.pool == t.Name.Local })
			if k < 0 { // of a later version
				if _, err := s.entry(t.Name.Local); err != nil {
					return err
				}
				continue
			}
			if seen[k] {
				return fmt.Errorf("%s stands there twice", pools[k].pool)
			}
			seen[k] = true
			if err := d.pool(s, k, &entries); err != nil {
				return fmt.Errorf("%s: %w", pools[k].pool, err)
			}
		}
	}
}

// start reads up to the root element.
func (s *scanner) start(want string) error {
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			return errors.New("the document is empty")
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != want {
				return fmt.Errorf("<%s> is another kind of document, expected <%s>", t.Name.Local, want)
			}
			return nil
		case xml.EndElement:
			return fmt.Errorf("</%s> ends nothing", t.Name.Local)
		}
	}
}

// pool reads one pool, entry by entry.
func (d *Document) pool(s *scanner, k int, entries *int) error {
	for {
		t, err := s.next()
		if err != nil {
			return unfinished(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local != pools[k].pool {
				return fmt.Errorf("</%s> ends <%s>", t.Name.Local, pools[k].pool)
			}
			return nil
		case xml.StartElement:
			if *entries++; *entries > maxEntries {
				return fmt.Errorf("the document has more than %d entries", maxEntries)
			}
			e, err := s.entry(s.intern(t.Name))
			if err != nil {
				return err
			}
			if e.name == pools[k].entry {
				d.add(k, e)
			}
		}
	}
}

// add takes over one entry.
func (d *Document) add(k int, e *element) {
	f := &fields{element: e, what: pools[k].entry, defects: &d.Defects}
	if k == len(pools)-1 {
		f.what = "REQUIREMENTS/VM"
	}
	f.id = f.integer(-1, maxID, "ID")
	if f.bad == "" && f.id < 0 {
		f.defect("ID", "is negative")
	}
	switch k {
	case 0:
		d.VMs = append(d.VMs, f.vm())
	case 1:
		d.Hosts = append(d.Hosts, f.host())
	case 2:
		d.Datastores = append(d.Datastores, f.datastore())
	case 3:
		d.Networks = append(d.Networks, f.network())
	case 4:
		d.Groups = append(d.Groups, f.group())
	case 5:
		d.Clusters = append(d.Clusters, f.cluster())
	case 6:
		d.Requirements = append(d.Requirements, f.requirement())
	}
}

// finish orders the pools, and refuses what comes twice or behind the end.
func (d *Document) finish(s *scanner) error {
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if text, ok := t.(xml.CharData); !ok || len(trimmed(text)) > 0 {
			return errors.New("something stands behind the end of the document")
		}
	}
	return errors.Join(
		ordered("VM", d.VMs, func(v VM) int { return v.ID }),
		ordered("HOST", d.Hosts, func(h Host) int { return h.ID }),
		ordered("DATASTORE", d.Datastores, func(v Datastore) int { return v.ID }),
		ordered("VNET", d.Networks, func(v Network) int { return v.ID }),
		ordered("VM_GROUP", d.Groups, func(v Group) int { return v.ID }),
		ordered("CLUSTER", d.Clusters, func(v Cluster) int { return v.ID }),
		ordered("REQUIREMENTS/VM", d.Requirements, func(v Requirement) int { return v.VM }),
	)
}

func ordered[T any](what string, all []T, id func(T) int) error {
	slices.SortStableFunc(all, func(a, b T) int { return cmp.Compare(id(a), id(b)) })
	for i := 1; i < len(all); i++ {
		if v := id(all[i]); v == id(all[i-1]) && v >= 0 {
			return fmt.Errorf("%s %d stands there twice", what, v)
		}
	}
	return nil
}

// find returns the entry with an ID of a pool that is in order, or nil.
func find[T any](all []T, want int, id func(*T) int) *T {
	i, ok := slices.BinarySearchFunc(all, want, func(v T, want int) int { return cmp.Compare(id(&v), want) })
	if !ok {
		return nil
	}
	return &all[i]
}

func (d *Document) vm(id int) *VM { return find(d.VMs, id, func(v *VM) int { return v.ID }) }
func (d *Document) host(id int) *Host {
	return find(d.Hosts, id, func(v *Host) int { return v.ID })
}
func (d *Document) datastore(id int) *Datastore {
	return find(d.Datastores, id, func(v *Datastore) int { return v.ID })
}
func (d *Document) network(id int) *Network {
	return find(d.Networks, id, func(v *Network) int { return v.ID })
}
func (d *Document) group(id int) *Group {
	return find(d.Groups, id, func(v *Group) int { return v.ID })
}
func (d *Document) requirement(vm int) *Requirement {
	return find(d.Requirements, vm, func(v *Requirement) int { return v.VM })
}
