package policy

import (
	"context"
	"encoding/binary"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

var _ placement.Classifier = (*Set)(nil)

// Classes implements placement.Classifier: it numbers what no rule that judges admission can tell apart. Numbers go by first
// appearance. It asks no rule. O(workloads + sites) times the paths that rules read. Errors are as in Admit.
func (s *Set) Classes(
	ctx context.Context, in placement.Scope, workloads []*placement.Workload, sites []*topology.Site,
) (ofWorkloads, ofSites []int32, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	day, err := dayOf(in)
	if err != nil {
		return nil, nil, err
	}
	m := s.recall()
	p := m.picture(s, in.Continuum, day)
	numbers := newNumbering(len(workloads))
	for k, w := range workloads {
		if k%1024 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		numbers.add(s.workloadKey(m, day, w))
	}
	ofWorkloads = numbers.of
	numbers = newNumbering(len(sites))
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, site := range sites {
		numbers.add(s.siteKey(m.site(s, p, site), site))
	}
	return ofWorkloads, numbers.of, nil
}

// workloadKey writes the class of a workload to each rule, and which rules speak to it. All that cannot be judged are alike.
func (s *Set) workloadKey(m *memory, day string, w *placement.Workload) []byte {
	classes, err := m.workload(s, day, w)
	if err != nil {
		return unjudgeable
	}
	key := make([]byte, 0, 4*len(s.asked))
	for _, i := range s.asked {
		key = appendClass(key, s.rules[i].speaksTo(w.Tenant), classes[s.rules[i].workloadView])
	}
	return key
}

// siteKey is workloadKey for sites.
func (s *Set) siteKey(k *known, site *topology.Site) []byte {
	if k.err != nil {
		return unjudgeable
	}
	key := make([]byte, 0, 4*len(s.asked))
	for _, i := range s.asked {
		key = appendClass(key, s.rules[i].speaksOf(string(site.Provider)), k.classes[s.rules[i].siteView])
	}
	return key
}

// unjudgeable is the key of what is denied for itself. The others are a multiple of four bytes long.
var unjudgeable = []byte{1}

func appendClass(key []byte, speaks bool, class int32) []byte {
	if !speaks {
		class = -1
	}
	return binary.LittleEndian.AppendUint32(key, uint32(class))
}

// numbering gives keys numbers from 0.
type numbering struct {
	known map[string]int32
	of    []int32
}

func newNumbering(n int) *numbering { return &numbering{map[string]int32{}, make([]int32, 0, n)} }

func (n *numbering) add(key []byte) {
	k, ok := n.known[string(key)]
	if !ok {
		k = int32(len(n.known))
		n.known[string(key)] = k
	}
	n.of = append(n.of, k)
}
