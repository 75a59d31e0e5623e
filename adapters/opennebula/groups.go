package opennebula

import (
	"fmt"
	"slices"
)

// affined returns the sets of VMs that belong on one host, in order.
func (d *Document) affined() [][]int {
	var out [][]int
	for i := range d.Groups {
		g := &d.Groups[i]
		for _, r := range g.Roles {
			if r.Policy == "AFFINED" {
				out = append(out, d.members(g, r.Name))
			}
		}
		for _, names := range g.Affined {
			out = append(out, d.members(g, names...))
		}
	}
	return slices.DeleteFunc(out, func(set []int) bool { return len(set) < 2 })
}

// apart is a set of VMs that must not share a host: any two of one role where whole is set, else any two of different roles.
type apart struct {
	roles [][]int
	whole bool
}

func (d *Document) antiAffined() []apart {
	var out []apart
	for i := range d.Groups {
		g := &d.Groups[i]
		for _, r := range g.Roles {
			if r.Policy == "ANTI_AFFINED" {
				out = append(out, apart{[][]int{d.members(g, r.Name)}, true})
			}
		}
		for _, names := range g.AntiAffined {
			a := apart{}
			for _, n := range names {
				a.roles = append(a.roles, d.members(g, n))
			}
			out = append(out, a)
		}
	}
	return out
}

// pairs calls f for each two VMs that must not share a host.
func (a apart) pairs(f func(v, w int)) {
	for i, r := range a.roles {
		if a.whole {
			for k, v := range r {
				for _, w := range r[k+1:] {
					f(v, w)
				}
			}
		}
		for _, s := range a.roles[i+1:] {
			for _, v := range r {
				for _, w := range s {
					if v != w {
						f(v, w)
					}
				}
			}
		}
	}
}

// members returns who plays these roles, by what the group lists and by what the VMs say themselves.
func (d *Document) members(g *Group, names ...string) []int {
	var out []int
	for _, r := range g.Roles {
		if slices.Contains(names, r.Name) {
			out = append(out, r.VMs...)
		}
	}
	for i := range d.VMs {
		for _, m := range d.VMs[i].Roles {
			if m.Group == g.ID && slices.Contains(names, m.Role) {
				out = append(out, d.VMs[i].ID)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// together says whether a set of VMs is on one host, as far as they are on any; sets with one that has yet to come are not.
func (d *Document) together(set []int) bool {
	host := -1
	for _, id := range set {
		v := d.vm(id)
		switch {
		case v == nil:
		case !v.onHost():
			if v.State == statePending {
				return false
			}
		case host >= 0 && v.Running.Host != host:
			return false
		default:
			host = v.Running.Host
		}
	}
	return true
}

// listed returns the host rules of the roles that a VM plays: those it must be on (nil: any) and those it must not be on.
func (d *Document) listed(v *VM) (only [][]int, never []int) {
	for i := range d.Groups {
		g := &d.Groups[i]
		for _, r := range g.Roles {
			if (len(r.HostAffined) > 0 || len(r.HostAntiAffined) > 0) && slices.Contains(d.members(g, r.Name), v.ID) {
				if len(r.HostAffined) > 0 {
					only = append(only, r.HostAffined)
				}
				never = append(never, r.HostAntiAffined...)
			}
		}
	}
	return only, never
}

// unclear says why it is not known whom a VM must meet or must not, or is empty. What a group cannot be asked is not taken for a
// permission.
func (d *Document) unclear(v *VM) string {
	for _, m := range v.Roles {
		if !slices.ContainsFunc(d.Groups, func(g Group) bool { return g.ID == m.Group }) {
			return fmt.Sprintf("its VM group %d is not in the document", m.Group)
		}
	}
	for i := range d.Groups {
		g := &d.Groups[i]
		playing := func(m Membership) bool { return m.Group == g.ID }
		listed := func(r Role) bool { return slices.Contains(r.VMs, v.ID) }
		if g.Bad != "" && (slices.ContainsFunc(v.Roles, playing) || slices.ContainsFunc(g.Roles, listed)) {
			return fmt.Sprintf("its VM group %d: %s", g.ID, g.Bad)
		}
		for _, m := range v.Roles {
			if playing(m) && !slices.ContainsFunc(g.Roles, func(r Role) bool { return r.Name == m.Role }) {
				return fmt.Sprintf("its VM group %d has no role %s", g.ID, clip(m.Role))
			}
		}
	}
	return ""
}
