package kubernetes

import (
	"context"
	"fmt"
	"hash"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"os"
	"time"
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
	policies, continuum := stamp(c.cfg.Policies...), stamp(c.cfg.Continuum)
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
		if now := stamp(c.cfg.Policies...); len(c.cfg.Policies) > 0 && (forced || now != policies) {
			policies = now
			fresh = report(c.log, "policies", c.SetPolicies(c.cfg.Sources()))
		}
		if now := stamp(c.cfg.Continuum); c.cfg.Continuum != "" && (forced || now != continuum) {
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

// stamp is the same as long as the files below some paths are: their names, sizes and times, through links.
func stamp(paths ...string) uint64 {
	h := fnv.New64a()
	for _, path := range paths {
		_ = fs.WalkDir(os.DirFS(path), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				fmt.Fprintln(h, name, err)
				return nil
			}
			stampFile(h, path+"/"+name)
			return nil
		})
		stampFile(h, path)
	}
	return h.Sum64()
}

func stampFile(h hash.Hash64, path string) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		fmt.Fprintln(h, path, info.Size(), info.ModTime().UnixNano())
	}
}
