package external

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/domicile-eu/domicile/adapters/opennebula"
)

// Options of a [Service].
type Options struct {
	// Configure returns how to decide now: policies and continuum as they stand. It is asked before every decision and every
	// round of Watch.
	Configure func() (*opennebula.Config, error)
	// Hard says that policies or classes of data are configured, so that a service without credentials would be none.
	Hard bool
	// Deadline is for one answer; zero: 8 s, below the 10 s that OpenNebula waits.
	Deadline time.Duration
	// Interval of Watch; zero: 5 s, a third of OpenNebula's own.
	Interval time.Duration
	Log      *slog.Logger // nil: none
}

// Service answers OpenNebula 6. Make it with [New]; its methods may be called at the same time.
type Service struct {
	API
	opts  Options
	count counters
	turn  sync.Mutex // one decision at a time: two would write the same requirements
}

// New returns a service over an API. It refuses to serve where hard policies could not be enforced: without credentials, or
// where the API cannot be reached with them.
func New(ctx context.Context, api API, opts Options) (*Service, error) {
	if opts.Configure == nil {
		return nil, errors.New("external scheduler: no configuration")
	}
	opts.Deadline, opts.Interval = cmp.Or(opts.Deadline, 8*time.Second), cmp.Or(opts.Interval, 5*time.Second)
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{API: api, opts: opts}
	if api.Session == "" {
		if opts.Hard {
			return nil, errors.New("external scheduler: hard policies are configured, and without credentials of OpenNebula nothing could enforce them")
		}
		return nil, errors.New("external scheduler: without credentials of OpenNebula it cannot read a single host")
	}
	ctx, stop := context.WithTimeout(ctx, opts.Deadline)
	defer stop()
	version, err := api.call(ctx, "one.system.version")
	if err != nil {
		return nil, fmt.Errorf("external scheduler: OpenNebula at %s: %w", api.Endpoint, err)
	}
	opts.Log.Info("connected", "endpoint", api.Endpoint, "version", version)
	return s, nil
}

// Watch writes requirements ahead of time until ctx ends. A round that fails is logged and made up for by the next.
func (s *Service) Watch(ctx context.Context) {
	tick := time.NewTicker(s.opts.Interval)
	defer tick.Stop()
	for {
		if err := s.round(ctx); err != nil && ctx.Err() == nil {
			s.opts.Log.Error("requirements not written", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Service) round(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, s.opts.Deadline)
	defer stop()
	s.turn.Lock()
	defer s.turn.Unlock()
	cfg, err := s.opts.Configure()
	if err != nil {
		return err
	}
	d, err := s.pools(ctx)
	if err != nil {
		return err
	}
	_, _, err = s.judge(ctx, d, cfg)
	return err
}

// judge says where the waiting machines are admitted, and writes that into their requirements: of all where there are policies,
// else of those that state something which OpenNebula does not know, such as countries.
func (s *Service) judge(ctx context.Context, d *opennebula.Document, cfg *opennebula.Config) (admitted map[int][]int, written map[int]bool, err error) {
	vms, all := waiting(d), hostIDs(d)
	everywhere := make(map[int][]int, len(vms))
	for _, v := range vms {
		everywhere[v.ID] = all
	}
	asked := withRequirements(d, everywhere)
	asked.VMs = slices.Clone(d.VMs)
	for i := range asked.VMs {
		if v := &asked.VMs[i]; v.State == stateHold { // until it is released
			v.State = statePending
		}
	}
	if admitted, err = opennebula.Admitted(ctx, asked, cfg); err != nil {
		return nil, nil, err
	}
	if cfg.Admission == nil && cfg.Transit == nil {
		vms = slices.DeleteFunc(vms, func(v *opennebula.VM) bool {
			return !opennebula.Restricted(&opennebula.Document{VMs: []opennebula.VM{*v}})
		})
	}
	written, err = s.enforce(ctx, vms, admitted, all)
	return admitted, written, err
}

// ServeHTTP answers OpenNebula's POST at any path.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	began := time.Now()
	ctx, stop := context.WithTimeout(r.Context(), s.opts.Deadline)
	defer stop()
	s.count.requests.Add(1)
	machines, err := readRequest(r.Body)
	if err != nil {
		s.refuse(w, http.StatusBadRequest, err)
		return
	}
	choices, err := s.choose(ctx, began, machines)
	if err != nil { // OpenNebula then ranks itself, within the requirements written so far
		s.refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	body, left := writeAnswer(choices)
	if left > 0 {
		s.count.cut.Add(int64(left))
		s.opts.Log.Warn("the answer is full", "left out", left)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if _, err := w.Write(body); err != nil {
		s.opts.Log.Warn("the answer was not taken", "error", err)
	}
	s.count.seconds.add(time.Since(began))
}

func (s *Service) refuse(w http.ResponseWriter, status int, err error) {
	s.count.failed.Add(1)
	s.opts.Log.Error("no answer", "error", err)
	http.Error(w, err.Error(), status)
}

// choose decides for the machines of a request. Vetoes stand first, then what would otherwise be left to OpenNebula's taste.
func (s *Service) choose(ctx context.Context, began time.Time, machines []Machine) ([]Choice, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	cfg, err := s.opts.Configure()
	if err != nil {
		return nil, err
	}
	d, err := s.pools(ctx)
	if err != nil {
		return nil, err
	}
	admitted, written, err := s.judge(ctx, d, cfg)
	if err != nil {
		return nil, err
	}
	hosts := make(map[int][]int, len(machines))
	for _, m := range machines {
		hosts[m.ID] = slices.DeleteFunc(slices.Clone(m.Hosts), func(h int) bool { return !slices.Contains(admitted[m.ID], h) })
	}
	once := *cfg
	once.NoMakeRoom = true // nothing would move, and who waits would be sent where there is no room for ever
	once.Spent = spent(began, s.opts.Deadline)
	answer, err := opennebula.Decide(ctx, withRequirements(d, hosts), &once)
	if err != nil {
		return nil, err
	}
	var vetoes, choices []Choice
	for _, m := range machines {
		t, placed := answer.Target[m.ID]
		switch {
		case placed && slices.Contains(hosts[m.ID], t.Host):
			choices = append(choices, Choice{m.ID, t.Host})
		case written[m.ID] && len(hosts[m.ID]) < len(m.Hosts): // OpenNebula does not know its requirements yet
			if full, ok := tooFull(d, m.ID); ok {
				vetoes = append(vetoes, Choice{m.ID, full})
				s.count.vetoes.Add(1)
				continue
			}
			s.count.exposed.Add(1)
			s.opts.Log.Warn("OpenNebula may place a machine this once where policies refuse it: they came into its requirements only now, and no host is full enough to send it to",
				"vm", m.ID)
		}
		if why := answer.Reasons[m.ID]; why != "" {
			s.opts.Log.Info("not placed", "vm", m.ID, "reason", why)
		}
	}
	return append(vetoes, choices...), nil
}

// spent is the share of the time for searching that is used up: what is left of a deadline is for writing it down.
func spent(began time.Time, deadline time.Duration) func() float64 {
	return func() float64 { return float64(time.Since(began)) / float64(deadline*6/10) }
}

// tooFull returns the host that has least room for a machine, if it has too little.
func tooFull(d *opennebula.Document, vm int) (int, bool) {
	i := slices.IndexFunc(d.VMs, func(v opennebula.VM) bool { return v.ID == vm })
	if i < 0 {
		return 0, false
	}
	v := &d.VMs[i]
	best, room := -1, int64(0)
	for k := range d.Hosts {
		h := &d.Hosts[k]
		cpu, memory := h.MaxCPU-h.UsedCPU, h.MaxMemory-h.UsedMem
		if cpu >= v.CPU && memory >= v.Memory {
			continue
		}
		if lack := max(v.CPU-cpu, 0) + max(v.Memory-memory, 0)>>20; best < 0 || lack > room {
			best, room = h.ID, lack
		}
	}
	return best, best >= 0
}
