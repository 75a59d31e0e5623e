package migrate

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// instance is a file of the instances: a state, and for each machine the server that it has to end on.
type instance struct {
	Model       model `json:"model"`
	Constraints []struct {
		ID    string `json:"id"`
		VM    int    `json:"vm"`
		Nodes []int  `json:"nodes"`
	} `json:"constraints"`
}

// instanceFiles reads the instances of a directory or archive.
func instanceFiles(name string) ([]file, error) {
	files, err := readAll(name, func(name string) bool {
		return path.Ext(name) == ".json" && strings.HasPrefix(path.Base(name), "instance")
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%w: %s: there is no instance*.json in it", ErrFormat, name)
	}
	return files, err
}

// readInstance reads one instance. Fences say where machines go; servers that are off boot first, which takes what the
// file says; links are full duplex and switches never block.
func readInstance(f file) (*Case, error) {
	in, err := decode[instance](f)
	if err != nil {
		return nil, err
	}
	to := make(map[int]int)
	var errs []error
	for _, c := range in.Constraints {
		switch {
		case c.ID == "offline": // shutting down is not counted
		case c.ID != "fence":
			errs = append(errs, fmt.Errorf("constraint %q is unknown", c.ID))
		case len(c.Nodes) != 1:
			errs = append(errs, fmt.Errorf("vm %d: a fence of %d servers is no target", c.VM, len(c.Nodes)))
		default:
			to[c.VM] = c.Nodes[0]
		}
	}
	b := newBuilder(path.Base(f.name))
	asKnown := func(_, _, _ int, known placement.Migration) placement.Migration { return known }
	errs = append(errs, in.Model.add(b, to, asKnown))
	for i := range in.Model.Views {
		if in.Model.Views[i].ID == "net" {
			errs = append(errs, in.Model.Views[i].network(b))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, f.name, err)
	}
	return b.build(f.name, classOf(f.name))
}

// network adds the switches and links of a view.
func (v *view) network(b *builder) error {
	var errs []error
	for _, s := range v.Switches {
		b.exchange(s.ID)
	}
	for _, l := range v.Links {
		bandwidth, err := whole(l.Capacity)
		if err != nil || bandwidth == 0 {
			errs = append(errs, fmt.Errorf("link %d: capacity %v", l.ID, l.Capacity))
		}
		end := switchID(l.Element.ID)
		switch l.Element.Type {
		case "node":
			end = siteID(l.Element.ID).Node()
		case "switch":
		default:
			errs = append(errs, fmt.Errorf("link %d: element %q is neither node nor switch", l.ID, l.Element.Type))
		}
		b.link(topology.LinkID(fmt.Sprintf("link%05d", l.ID)), end, switchID(l.Switch), bandwidth)
	}
	return errors.Join(errs...)
}

// classOf names the class of an instance by its directory.
func classOf(name string) string {
	dir := path.Dir(name)
	return strings.TrimPrefix(strings.ReplaceAll("/"+dir, "/instances/", "/"), "/")
}
