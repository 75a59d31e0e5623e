package settings

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/domicile-eu/domicile/adapters/internal/stamp"
	"github.com/domicile-eu/domicile/adapters/opennebula"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// Live is a configuration in a program that runs on while its policies and its continuum change. Its methods may be called at
// the same time. Make it with [NewLive].
type Live struct {
	settings  *Settings
	log       *slog.Logger
	policies  *policy.Live // nil: none are configured
	continuum atomic.Pointer[topology.Continuum]

	looking sync.Mutex
	seen    uint64 // stamp of the files when they were last read
}

// NewLive reads what the settings name. There is none without it: nothing in force would be nothing refused.
func NewLive(s *Settings, log *slog.Logger) (*Live, error) {
	l := &Live{settings: s, log: log, seen: stamp.Of(s.Policies, s.Continuum)}
	if s.Continuum != "" {
		read, err := s.readContinuum()
		if err != nil {
			return nil, err
		}
		l.continuum.Store(read)
	}
	if s.Policies != "" {
		sources, err := s.sources()
		if err != nil {
			return nil, err
		}
		if l.policies, err = policy.NewLive(sources, nil); err != nil {
			return nil, fmt.Errorf("%w: policies: %s: %w", ErrInvalid, s.Policies, err)
		}
	}
	return l, nil
}

// Configure returns what is in force.
func (l *Live) Configure() (*opennebula.Config, error) {
	c := l.settings.plain(time.Now())
	c.Continuum = l.continuum.Load()
	if l.policies != nil {
		set := l.policies.Set()
		c.Admission, c.Transit = set, set
	}
	return c, nil
}

// Look reads policies and continuum anew where their files have changed since, or where it is forced to. What is broken is
// logged, and the old stays in force.
func (l *Live) Look(force bool) {
	l.looking.Lock()
	defer l.looking.Unlock()
	now := stamp.Of(l.settings.Policies, l.settings.Continuum)
	if !force && now == l.seen {
		return
	}
	l.seen = now
	if l.policies != nil {
		sources, err := l.settings.sources()
		if err == nil {
			err = l.policies.Reload(sources)
		}
		l.tell("policies", err, "digest", l.policies.Status().Digest)
	}
	if l.settings.Continuum != "" {
		read, err := l.settings.readContinuum()
		if err == nil {
			l.continuum.Store(read)
		}
		l.tell("continuum", err)
	}
}

func (l *Live) tell(what string, err error, more ...any) {
	if err != nil {
		l.log.Error("not reloaded; the old stays in force", append(more, "what", what, "error", err)...)
		return
	}
	l.log.Info("reloaded", append(more, "what", what)...)
}
