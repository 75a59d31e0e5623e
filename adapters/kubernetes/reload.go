package kubernetes

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/domicile-eu/domicile/adapters/internal/stamp"
)

// FollowFiles puts policies and continuum in force anew when their files change, looking every so often (0: never), and
// whenever force delivers something. What is broken is logged, and the old stays in force. told, where not nil, is called after
// something new came into force. It returns when ctx ends.
func (c *Cluster) FollowFiles(ctx context.Context, every time.Duration, force <-chan os.Signal, told func()) {
	var tick <-chan time.Time
	if every > 0 {
		t := time.NewTicker(every)
		defer t.Stop()
		tick = t.C
	}
	policies, continuum := stamp.Of(c.cfg.Policies...), stamp.Of(c.cfg.Continuum)
	for {
		forced := false
		select {
		case <-ctx.Done():
			return
		case <-force:
			forced = true
		case <-tick:
		}
		fresh := false
		if now := stamp.Of(c.cfg.Policies...); len(c.cfg.Policies) > 0 && (forced || now != policies) {
			policies = now
			fresh = report(c.log, "policies", c.SetPolicies(c.cfg.Sources()))
		}
		if now := stamp.Of(c.cfg.Continuum); c.cfg.Continuum != "" && (forced || now != continuum) {
			continuum = now
			text, err := os.ReadFile(c.cfg.Continuum)
			if err == nil {
				err = c.SetContinuum(c.cfg.Continuum, text)
			}
			fresh = report(c.log, "continuum", err) || fresh
		}
		if fresh && told != nil {
			told()
		}
	}
}

func report(log *slog.Logger, what string, err error) bool {
	if err != nil {
		log.Error("not reloaded; the old stays in force", "what", what, "error", err)
		return false
	}
	log.Info("reloaded", "what", what)
	return true
}
