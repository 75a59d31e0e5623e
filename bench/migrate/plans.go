package migrate

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// planLinks are the bandwidths of servers 0 to 3 in Mb/s, each way, to one switch that never blocks. The plans do not
// hold them; the SimGrid platform beside them does.
var planLinks = []int64{500, 500, 1000, 1000}

// peerPlan is a plan by mVM: a case that takes mVM's own durations, mVM's makespan, and the machines as they are.
type peerPlan struct {
	Case
	Makespan topology.Micros
	known    map[placement.WorkloadID]placement.Migration
}

// run is one migration that was carried out and timed.
type run struct {
	plan    string
	vm      placement.WorkloadID
	rate    int64 // bit/s
	seconds int64
}

type planFile struct {
	Origin  model `json:"origin"`
	Actions []struct {
		ID         string `json:"id"`
		VM         int    `json:"vm"`
		From       int    `json:"from"`
		To         int    `json:"to"`
		Bandwidth  int64  `json:"bw"` // Mb/s
		Start, End int64  // s
	} `json:"actions"`
}

var planNumber = regexp.MustCompile(`\.(\d+)\.(json|csv)$`)

// readPlans reads the plans of a directory or archive, and how long their migrations took when they were carried out.
func readPlans(name string) ([]peerPlan, []run, error) {
	files, err := readAll(name, planNumber.MatchString)
	if err != nil {
		return nil, nil, err
	}
	var plans []peerPlan
	var runs []run
	known := make(map[string]*peerPlan)
	for _, f := range files {
		if path.Ext(f.name) != ".json" {
			continue
		}
		p, err := readPlan(f)
		if err != nil {
			return nil, nil, err
		}
		number := planNumber.FindStringSubmatch(f.name)[1]
		if known[number] != nil {
			return nil, nil, fmt.Errorf("%w: %s: plan %s stands there twice", ErrFormat, f.name, number)
		}
		known[number] = p
		plans = append(plans, *p)
	}
	for _, f := range files {
		if path.Ext(f.name) != ".csv" {
			continue
		}
		p := known[planNumber.FindStringSubmatch(f.name)[1]]
		if p == nil {
			return nil, nil, fmt.Errorf("%w: %s: runs of a plan that is not there", ErrFormat, f.name)
		}
		list, err := readRuns(f, p)
		if err != nil {
			return nil, nil, err
		}
		runs = append(runs, list...)
	}
	if len(plans) == 0 {
		err = fmt.Errorf("%w: %s: there is no plan in it", ErrFormat, name)
	}
	return plans, runs, err
}

// readPlan reads one plan. So that plans can be compared, its case takes the durations that mVM used: each machine has as
// much memory, and no dirty pages, as its migration in the plan copies at its rate.
func readPlan(f file) (*peerPlan, error) {
	in, err := decode[planFile](f)
	if err != nil {
		return nil, err
	}
	p := &peerPlan{known: make(map[placement.WorkloadID]placement.Migration)}
	to, bytes := make(map[int]int), make(map[int]int64)
	var errs []error
	for i, a := range in.Actions {
		_, twice := to[a.VM]
		switch rate, ok := planRate(a.From, a.To); {
		case a.ID != "migrateVM" || twice || !ok:
			errs = append(errs, fmt.Errorf("action %d: %q of vm %d from %d to %d cannot be compared", i, a.ID, a.VM, a.From, a.To))
		case a.Bandwidth != rate || a.Start < 0 || a.End <= a.Start || a.End > 1e6:
			errs = append(errs, fmt.Errorf("action %d: %d Mb/s from %d s to %d s, the links have %d Mb/s", i, a.Bandwidth, a.Start, a.End, rate))
		default:
			bytes[a.VM] = (a.End - a.Start) * a.Bandwidth * 1e6 / 8
		}
		to[a.VM] = a.To
		p.Makespan = max(p.Makespan, topology.Micros(a.End)*1e6)
	}
	b := newBuilder(path.Base(f.name))
	errs = append(errs, in.Origin.add(b, to, func(vm, from, to int, known placement.Migration) placement.Migration {
		p.known[workID(vm)] = known
		if from == to {
			return known
		}
		return placement.Migration{Memory: bytes[vm]}
	}))
	b.exchange(0)
	for _, server := range in.Origin.servers() {
		if server < 0 || server >= len(planLinks) {
			errs = append(errs, fmt.Errorf("server %d: its link is not known", server))
			continue
		}
		b.link(topology.LinkID(fmt.Sprintf("link%d", server)), siteID(server).Node(), switchID(0), planLinks[server]*1e6)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, f.name, err)
	}
	c, err := b.build(f.name, "plans")
	if err != nil {
		return nil, err
	}
	p.Case = *c
	return p, nil
}

// planRate is the rate in Mb/s between two servers.
func planRate(from, to int) (int64, bool) {
	if min(from, to) < 0 || max(from, to) >= len(planLinks) {
		return 0, false
	}
	return min(planLinks[from], planLinks[to]), from != to
}

var runLine = regexp.MustCompile(`^\{action=migrate\(vm=vm#(\d+), from=node#\d+, to=node#\d+, bw=(\d+)\)\};(\d+);(\d+);\d+$`)

const runHead = "ACTION;START;END;RUN"

// readRuns reads the migrations of one execution. Starts and ends are unix seconds.
func readRuns(f file, p *peerPlan) ([]run, error) {
	var out []run
	lines := bufio.NewScanner(bytes.NewReader(f.text))
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || text == runHead {
			continue
		}
		m := runLine.FindStringSubmatch(text)
		if m == nil {
			return nil, fmt.Errorf("%w: %s:%d: %q is no migration", ErrFormat, f.name, n, text)
		}
		var v [4]int64
		for i := range v {
			var err error
			if v[i], err = strconv.ParseInt(m[1+i], 10, 64); err != nil {
				return nil, fmt.Errorf("%w: %s:%d: %w", ErrFormat, f.name, n, err)
			}
		}
		r := run{plan: p.Name, vm: workID(int(v[0])), rate: v[1] * 1e6, seconds: v[3] - v[2]}
		if _, ok := p.known[r.vm]; !ok || v[1] < 1 || v[1] > 1e6 || r.seconds < 1 {
			return nil, fmt.Errorf("%w: %s:%d: vm %d at %d Mb/s in %d s", ErrFormat, f.name, n, v[0], v[1], r.seconds)
		}
		out = append(out, r)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, f.name, err)
	}
	return out, nil
}
