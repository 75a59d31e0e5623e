package external

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/adapters/opennebula"
)

// The attributes of a machine in which requirements stand: what OpenNebula obeys, what this service wrote there last, and
// what the owner had asked for.
const (
	attrRequirements = "SCHED_REQUIREMENTS"
	attrWritten      = "DOMICILE_REQUIREMENTS"
	attrOwner        = "DOMICILE_OWNER_REQUIREMENTS"
)

// requirement returns what a machine's requirements must be so that it runs on hosts that policies admit alone, and on
// which its owner's wishes hold. Only IDs are listed, and ranges of them between two known hosts, because a host that is
// added later has a greater ID than any before: it is not admitted until it was judged.
func requirement(admitted, all []int, owner string) string {
	text := hostsText(admitted, all)
	if strings.TrimSpace(owner) != "" {
		text = "(" + text + ") & (" + owner + ")"
	}
	return text
}

// hostsText names the admitted of all hosts, both ascending. No host has the ID -1.
func hostsText(admitted, all []int) string {
	if len(admitted) == 0 {
		return "ID = -1"
	}
	var parts []string
	for i := 0; i < len(admitted); {
		at, _ := slices.BinarySearch(all, admitted[i])
		n := 1
		for i+n < len(admitted) && at+n < len(all) && all[at+n] == admitted[i+n] {
			n++
		}
		if n > 2 {
			parts = append(parts, fmt.Sprintf("(ID > %d & ID < %d)", admitted[i]-1, admitted[i+n-1]+1))
		} else {
			for _, id := range admitted[i : i+n] {
				parts = append(parts, "ID = "+strconv.Itoa(id))
			}
		}
		i += n
	}
	return strings.Join(parts, " | ")
}

// ownerOf returns what the owner of a machine asked for: what stands in its requirements, unless this service wrote it.
func ownerOf(v *opennebula.VM) string {
	now := v.Attributes[attrRequirements]
	if now != "" && now == v.Attributes[attrWritten] {
		return v.Attributes[attrOwner]
	}
	return now
}

// enforce writes the requirements of the machines whose requirements are not what they must be. It returns those that were
// written now, and the first error; it goes on with the others.
func (s *Service) enforce(ctx context.Context, vms []*opennebula.VM, admitted map[int][]int, all []int) (map[int]bool, error) {
	written := make(map[int]bool)
	var failed error
	for _, v := range vms {
		owner := ownerOf(v)
		want := requirement(admitted[v.ID], all, owner)
		if v.Attributes[attrRequirements] == want {
			continue
		}
		template := fmt.Sprintf("%s = %s\n%s = %s\n%s = %s\n", attrRequirements, quoted(want), attrWritten, quoted(want), attrOwner, quoted(owner))
		if _, err := s.API.call(ctx, "one.vm.update", v.ID, template, 1); err != nil {
			s.count.failed.Add(1)
			if failed == nil {
				failed = fmt.Errorf("VM %d: %w", v.ID, err)
			}
			continue
		}
		s.count.written.Add(1)
		written[v.ID] = true
	}
	return written, failed
}

// quoted writes a value as OpenNebula's templates have it.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
