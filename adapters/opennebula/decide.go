package opennebula

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/placement"
)

// Answer is what was decided.
type Answer struct {
	// Target is where everything should end up, by VM: those that may be placed or moved, and for each the host it should be on.
	Target map[int]Target
	// Wave is the plan to execute now: actions that depend on nothing, safe in whatever order and whatever part of them comes
	// true, and in turn over the hosts that they go to, so that none holds up the others. The next wave follows from the next
	// document.
	Wave Plan
	// Waves is how many waves lead to Target, if nothing else changes; 0 where some of it cannot be reached.
	Waves int
	// Reasons say, by VM, why it is not placed, or stays where it should not.
	Reasons map[int]string
	// Load is the greatest load over all hosts before and in Target, and what it is at least.
	Before, After, Bound Load
}

// Target is where a VM should be. Datastore is the system datastore, -1 for that which it is on.
type Target struct {
	Host, Datastore int
	NICs            []NICNetwork
}

// Load is the weighted mean over measures of the greatest share that any host has of its capacity in use, 1 for all of it, and
// each of these shares by itself.
type Load struct{ Value, MeasuredCPU, CPU, Memory float64 }

// gain is what moves must bring: half a per cent of a host. A plan for less would follow the noise of what is measured.
const gain = 0.005

// rounds is how often an answer is looked for that datastores, networks and devices go round for.
const rounds = 5

// Decide decides what a document asks. "Cannot be placed" is an answer; an error wraps [ErrInvalid], or is that of ctx or of
// the Admission and Transit. It is deterministic, but for Config.Spent.
func Decide(ctx context.Context, d *Document, cfg *Config) (*Answer, error) {
	if cfg == nil {
		cfg = &Config{}
	}
	if cfg.Mode == Optimize && (len(d.Clusters) != 1 || d.Clusters[0].ID != cfg.Cluster) {
		return nil, fmt.Errorf("%w: the document is not about cluster %d alone", ErrInvalid, cfg.Cluster)
	}
	c := newCase(d, cfg)
	answer := &Answer{Target: make(map[int]Target), Reasons: c.reasons, Wave: Plan{ID: -1}}
	if cfg.Mode == Optimize {
		answer.Wave.ID = cfg.Cluster
	}
	c.doubts()
	if !slices.ContainsFunc(c.vms, func(s subject) bool { return s.role == deploy || s.role == leave || s.role == movable }) {
		return answer, nil // nothing is asked
	}
	w, err := c.world()
	if err != nil {
		return nil, err
	}
	var f, best *found
	var picked map[int]Target
	for range rounds {
		c.judge()
		if f, err = c.search(ctx, w); err != nil {
			return nil, err
		}
		choice, well := c.pick(f.on)
		if kept := f; best == nil || c.worth(f, choice) > c.worth(best, picked) {
			best, picked = kept, choice
		}
		if well {
			break
		}
	}
	f = best
	before := make(map[int]int)
	for i := range c.vms {
		if s := &c.vms[i]; s.onHost() {
			before[s.ID] = s.Running.Host
		}
	}
	at, start := c.load(f.on), c.load(before)
	if cfg.Mode == Optimize && !c.pays(picked, f.on, before) {
		picked, at, f.on = nil, start, before
	}
	answer.Before, answer.After = c.weights.load(start), c.weights.load(at)
	answer.Bound = c.weights.load(c.bound(func(vm int) bool { _, ok := f.on[vm]; return ok }))
	steps, waves := c.waves(picked)
	if len(steps) == 0 { // nobody can begin
		for i := range c.vms {
			s := &c.vms[i]
			if _, ok := picked[s.ID]; ok && (s.role == deploy || s.role == leave || c.quit[s.ID]) {
				c.reasons[s.ID] = "its place is not free yet, and nothing can be moved out of the way first"
			}
		}
		picked, answer.After = nil, answer.Before
	}
	answer.Target = picked
	answer.Waves = waves
	for _, st := range interleaved(steps) {
		answer.Wave.Actions = append(answer.Wave.Actions, c.action(st, picked))
	}
	return answer, c.explain(ctx, f, picked)
}

// worth counts by priority who is new and has a place, and who is where it should be.
func (c *worldCase) worth(f *found, picked map[int]Target) int64 {
	var sum int64
	for i := range c.vms {
		s := &c.vms[i]
		if _, ok := picked[s.ID]; ok && s.role == deploy || s.onHost() && !(c.quit[s.ID] && f.on[s.ID] == s.Running.Host) {
			sum += s.priority()
		}
	}
	return sum
}

// action writes a step down. One that goes aside keeps its datastore.
func (c *worldCase) action(st step, picked map[int]Target) Action {
	t := picked[st.ID]
	a := Action{VM: st.ID, Operation: Migrate, Host: st.to, Datastore: t.Datastore}
	if st.role == deploy {
		a.Operation, a.NICs = Deploy, t.NICs
	}
	return a
}

// mends says whether a target moves a VM that is where it should not be, or on a host that holds too much.
func (c *worldCase) mends(picked map[int]Target) bool {
	index := c.index()
	for i := range c.vms {
		s := &c.vms[i]
		if _, moves := picked[s.ID]; !moves {
			continue
		}
		k, ok := index[s.Running.Host]
		if h := &c.doc.Hosts[k]; !ok || c.quit[s.ID] || h.UsedCPU > h.MaxCPU || h.UsedMem > h.MaxMemory {
			return true
		}
	}
	for _, set := range c.doc.affined() {
		if !c.doc.together(set) && slices.ContainsFunc(set, func(vm int) bool { _, ok := picked[vm]; return ok }) {
			return true
		}
	}
	broken := false
	for _, a := range c.doc.antiAffined() {
		a.pairs(func(v, w int) {
			x, y := c.doc.vm(v), c.doc.vm(w)
			_, moves := picked[v]
			_, too := picked[w]
			if x != nil && y != nil && x.onHost() && y.onHost() && x.Running.Host == y.Running.Host && (moves || too) {
				broken = true
			}
		})
	}
	return broken
}

// doubts names what a VM states that cannot be understood. Nothing that its owner asked for is dropped in silence.
func (c *worldCase) doubts() {
	for i := range c.vms {
		s := &c.vms[i]
		if s.role == fixed {
			continue
		}
		why := ""
		from := s.Attributes[attrAccess]
		switch limit := s.Attributes[attrBound]; {
		case from == "" && limit != "":
			why = attrBound + " needs " + attrAccess
		case from == "":
		case c.cfg.Continuum == nil:
			why = attrAccess + " needs a continuum, and none is configured"
		case c.flows(s) == nil:
			why = attrAccess + " names no access point of the continuum"
		default:
			if v, ok := scaled(limit, 1000); limit != "" && (!ok || v <= 0) {
				why = attrBound + " is no number of milliseconds"
			}
		}
		if why == "" && s.Attributes[attrData] != "" && c.cfg.Admission == nil {
			why = attrData + " needs policies, and none are configured"
		}
		if why == "" {
			why = c.doc.unclear(s.VM)
		}
		if why == "" && c.crosses(s.VM) {
			why = "its VM group has members of several tenants, which policies do not judge together"
		}
		if why == "" {
			continue
		}
		c.reasons[s.ID] = why
		if s.onHost() {
			s.role = fixed
		} else {
			s.role = absent
		}
	}
	c.vms = slices.DeleteFunc(c.vms, func(s subject) bool { return s.role == absent })
	c.rooms()
}

// words of the constraints that couple VMs, for reasons.
var coupled = map[placement.ConstraintKind]string{
	placement.ByCapacity: "are full", placement.ByConflict: "hold a VM that it must not meet", placement.ByAffinity: "are not where its group is",
	placement.ByAdmission: "are refused by policies", placement.ByLatency: "are too far from its users", placement.ByState: "take nothing new",
	placement.ByTransit: "have no way that its data may take",
}

// explain says of each VM that wants something and does not get it why not.
func (c *worldCase) explain(ctx context.Context, f *found, picked map[int]Target) error {
	refused := make(map[placement.WorkloadID]map[placement.ConstraintKind]int)
	for _, u := range f.result.Unplaced {
		refused[u.Workload] = u.Refused
	}
	for i := range c.vms {
		s := &c.vms[i]
		if _, ok := picked[s.ID]; ok || s.role != deploy && s.role != leave || c.reasons[s.ID] != "" {
			continue
		}
		var parts []string
		for _, why := range slices.Sorted(maps.Keys(c.whys[s.ID])) {
			parts = append(parts, fmt.Sprintf("%s: %d", why, c.whys[s.ID][why]))
		}
		for _, kind := range slices.Sorted(maps.Keys(coupled)) {
			n := refused[c.workload(s.ID)][kind]
			if kind == placement.ByCapacity {
				n -= c.whys[s.ID][tooSmall]
			}
			switch {
			case n <= 0:
			case c.cfg.Continuum != nil: // its own sites are counted, too
				parts = append(parts, "some "+coupled[kind])
			default:
				parts = append(parts, fmt.Sprintf("%s: %d", coupled[kind], n))
			}
		}
		text := "no host: of " + fmt.Sprint(len(c.doc.Hosts)) + " hosts"
		if len(parts) > 0 {
			text += ", " + strings.Join(parts, ", ")
		}
		if reasons, err := c.policyReasons(ctx, f, s); err != nil {
			return err
		} else if reasons != "" {
			text += "; " + reasons
		}
		c.reasons[s.ID] = text
	}
	return nil
}

// policyReasons names the rules that refuse a VM, each once.
func (c *worldCase) policyReasons(ctx context.Context, f *found, s *subject) (string, error) {
	if c.cfg.Admission == nil {
		return "", nil
	}
	p := f.problem
	in := placement.Scope{Continuum: p.Continuum, AsOf: p.AsOf}
	var codes []string
	for _, app := range p.Applications {
		i := slices.IndexFunc(app.Workloads, func(w placement.Workload) bool { return w.ID == c.workload(s.ID) })
		if i < 0 {
			continue
		}
		for k := range c.doc.Hosts {
			site, _ := p.Continuum.Site(siteID(c.doc.Hosts[k].ID))
			if !c.allow[s.ID][k] || len(codes) > 5 {
				continue
			}
			reasons, err := c.cfg.Admission.Reasons(ctx, in, &app.Workloads[i], site)
			if err != nil {
				return "", err
			}
			for _, r := range reasons {
				if text := r.Code + " " + r.Title; !slices.Contains(codes, text) {
					codes = append(codes, text)
				}
			}
		}
	}
	return strings.Join(codes, "; "), nil
}
