package kubernetes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// ErrInvalid is wrapped by errors about files and objects that are malformed.
var ErrInvalid = errors.New("invalid Kubernetes configuration")

// ErrNotReady is wrapped by the errors of questions that cannot be answered yet or any more: nothing may be bound on them.
var ErrNotReady = errors.New("not ready")

// ErrRefused is wrapped by the errors of reservations that were not granted.
var ErrRefused = errors.New("refused")

// Options of a cluster; nil means the defaults.
type Options struct {
	Clock func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: none
}

// Cluster is the picture of one Kubernetes cluster. It is safe for concurrent use. What the API server says is told by its
// Set and Delete methods, which cost O(1) and make nothing anew; questions are answered from it and from the continuum
// and policies in force.
type Cluster struct {
	cfg   Config
	clock func() time.Time
	log   *slog.Logger

	synced atomic.Bool
	in     atomic.Pointer[inputs]
	live   *policy.Live // nil: no policies
	change sync.Mutex   // one change of inputs at a time

	now      atomic.Pointer[world]
	building chan struct{} // holds one token: who has it may build a world

	mu     sync.RWMutex // guards the rest
	books  books
	spaces map[string]space // by namespace

	joints joints
}

// inputs is what files and folders say. It never changes.
type inputs struct {
	continuum    *topology.Continuum // every site with room to spare: room is counted by node
	stated       *topology.Continuum // as it was read
	observations []latency.Observation
	set          *policy.Set // nil: no policies
	apps         map[string]*placement.Application
}

// New makes a cluster of a configuration, which knows no nodes yet. What the configuration names is read; a continuum that
// comes from a ConfigMap is told later, and before that there is no answer. The error names every defect.
func New(cfg Config, opts *Options) (*Cluster, error) {
	c := &Cluster{
		cfg: cfg, clock: time.Now, log: slog.New(slog.DiscardHandler), building: make(chan struct{}, 1),
		spaces: make(map[string]space), books: newBooks(), joints: joints{all: make(map[appKey]*deciding), making: make(chan struct{}, 1)},
	}
	if opts != nil && opts.Clock != nil {
		c.clock = opts.Clock
	}
	if opts != nil && opts.Log != nil {
		c.log = opts.Log
	}
	if c.cfg.Reservation == 0 {
		c.cfg.Reservation = time.Minute
	}
	if c.cfg.Deadline == 0 {
		c.cfg.Deadline = 1500 * time.Millisecond
	}
	var errs []error
	for _, d := range cfg.defects() {
		errs = append(errs, fmt.Errorf("%w: %s: %s", ErrInvalid, d.key, d.text))
	}
	in := &inputs{}
	errs = append(errs, in.readFiles(&c.cfg), c.firstPolicies(in))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	c.in.Store(in)
	if cfg.Continuum != "" {
		text, err := os.ReadFile(cfg.Continuum)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		if err := c.SetContinuum(cfg.Continuum, text); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Config returns the configuration with its defaults filled in.
func (c *Cluster) Config() Config { return c.cfg }

// readFiles reads what does not change while the program runs.
func (in *inputs) readFiles(cfg *Config) error {
	var errs []error
	if cfg.Observations != "" {
		f, err := os.Open(cfg.Observations)
		if err == nil {
			in.observations, err = latency.ReadObservations(cfg.Observations, f)
			f.Close()
		}
		errs = append(errs, err)
	}
	in.apps = make(map[string]*placement.Application)
	if cfg.Applications != "" {
		f, err := os.Open(cfg.Applications)
		if err == nil {
			var apps []placement.Application
			apps, err = placement.ReadApplications(cfg.Applications, f)
			f.Close()
			for k := range apps {
				in.apps[apps[k].Name] = &apps[k]
			}
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Sources are the folders of policies that the configuration names.
func (c *Config) Sources() []policy.Source {
	var out []policy.Source
	for _, dir := range c.Policies {
		out = append(out, policy.Source{Name: dir, FS: os.DirFS(dir)})
	}
	return out
}

func (c *Cluster) firstPolicies(in *inputs) error {
	if len(c.cfg.Policies) == 0 {
		return nil
	}
	var err error
	if c.live, err = policy.NewLive(c.cfg.Sources(), nil); err != nil {
		return err
	}
	in.set = c.live.Set()
	return nil
}

// SetContinuum replaces the continuum; what is wrong with it leaves the old one in force, until that is too old.
func (c *Cluster) SetContinuum(file string, text []byte) error {
	stated, err := topology.Read(file, bytes.NewReader(text))
	if err != nil {
		return err
	}
	roomy, err := withPlenty(stated)
	if err != nil {
		return err
	}
	c.change.Lock()
	defer c.change.Unlock()
	next := *c.in.Load()
	next.stated, next.continuum = stated, roomy
	// Observations may speak of nodes that are gone: better none in force than some of another continuum.
	if _, err := latency.New(roomy, &latency.Options{Observations: next.observations}); err != nil {
		return err
	}
	c.in.Store(&next)
	return nil
}

// withPlenty gives every site more room than anybody takes: what nodes hold is in the cluster's own books.
func withPlenty(c *topology.Continuum) (*topology.Continuum, error) {
	var put []topology.Site
	for s := range c.Sites() {
		own := *s
		own.Capacity, own.Safe = plenty, nil
		put = append(put, own)
	}
	return c.Update(topology.Changes{Put: topology.Spec{Sites: put}})
}

// SetPolicies replaces the policies; what is wrong with them leaves the old ones in force. A decision is made by one set
// from beginning to end.
func (c *Cluster) SetPolicies(sources []policy.Source) error {
	c.change.Lock()
	defer c.change.Unlock()
	if c.live == nil {
		live, err := policy.NewLive(sources, nil)
		if err != nil {
			return err
		}
		c.live = live
	} else if err := c.live.Reload(sources); err != nil {
		return err
	}
	next := *c.in.Load()
	next.set = c.live.Set()
	c.in.Store(&next)
	return nil
}

// Synced says whether the informers have delivered all there is.
func (c *Cluster) Synced() bool { return c.synced.Load() }

// SetSynced says that they have, or that they do not follow any more.
func (c *Cluster) SetSynced(synced bool) { c.synced.Store(synced) }

// Ready says why no question can be answered now; nil: it can.
func (c *Cluster) Ready() error {
	_, _, err := c.ground()
	return err
}

// space is what a namespace says.
type space struct {
	class, tenant, facts string
	attributes           map[string]any
	defect               error
}

// SetNamespace tells of a namespace.
func (c *Cluster) SetNamespace(n *v1.Namespace) {
	s := space{class: n.Annotations[DataAnnotation], tenant: n.Annotations[TenantAnnotation], facts: n.Annotations[AttributesAnnotation]}
	if s.tenant == "" {
		s.tenant = n.Name
	}
	s.attributes, s.defect = parseAttributes(s.facts)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spaces[n.Name] = s
}

// DeleteNamespace tells that a namespace is gone.
func (c *Cluster) DeleteNamespace(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.spaces, name)
}

// ground returns what every answer stands on, and the time it speaks of.
func (c *Cluster) ground() (*inputs, time.Time, error) {
	if !c.synced.Load() {
		return nil, time.Time{}, fmt.Errorf("%w: nodes, pods and namespaces have not been read yet", ErrNotReady)
	}
	in := c.in.Load()
	if in.stated == nil {
		return nil, time.Time{}, fmt.Errorf("%w: there is no continuum yet", ErrNotReady)
	}
	now := c.clock().UTC()
	age := now.Sub(in.stated.AsOf())
	if c.cfg.MaxAge > 0 && age > c.cfg.MaxAge {
		return nil, time.Time{}, fmt.Errorf("%w: the continuum is stale, older than maxAge", ErrNotReady)
	}
	if c.cfg.AsOf == "continuum" {
		return in, in.stated.AsOf(), nil
	}
	if age < -24*time.Hour {
		return nil, time.Time{}, fmt.Errorf("%w: the clock is more than a day behind the continuum", ErrNotReady)
	}
	return in, now.Truncate(time.Hour), nil
}

// current returns the world as it is now, made anew where inputs, the hour or places have changed.
func (c *Cluster) current(ctx context.Context) (*world, error) {
	in, asOf, err := c.ground()
	if err != nil {
		return nil, err
	}
	c.mu.RLock()
	places := c.books.places[:len(c.books.places):len(c.books.places)]
	c.mu.RUnlock()
	if w := c.now.Load(); w.serves(in, asOf, len(places)) {
		return w, nil
	}
	select {
	case c.building <- struct{}{}:
		defer func() { <-c.building }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrNotReady, ctx.Err())
	}
	w := c.now.Load()
	if w.serves(in, asOf, len(places)) {
		return w, nil
	}
	next, err := newWorld(ctx, &c.cfg, in, asOf, places, w)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReady, err)
	}
	c.now.Store(next)
	return next, nil
}
