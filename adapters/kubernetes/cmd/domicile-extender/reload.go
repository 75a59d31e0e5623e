package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
)

// reload puts policies and continuum in force anew on SIGHUP and when their files change. What is broken is logged, and
// the old stays in force.
func reload(ctx context.Context, every time.Duration, cfg adapter.Config, c *adapter.Cluster, log *slog.Logger) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	var tick <-chan time.Time
	if every > 0 {
		t := time.NewTicker(every)
		defer t.Stop()
		tick = t.C
	}
	policies, continuum := stamp(cfg.Policies...), stamp(cfg.Continuum)
	for {
		forced := false
		select {
		case <-ctx.Done():
			return
		case <-hup:
			forced = true
		case <-tick:
		}
		if now := stamp(cfg.Policies...); len(cfg.Policies) > 0 && (forced || now != policies) {
			policies = now
			report(log, "policies", c.SetPolicies(cfg.Sources()))
		}
		if now := stamp(cfg.Continuum); cfg.Continuum != "" && (forced || now != continuum) {
			continuum = now
			text, err := os.ReadFile(cfg.Continuum)
			if err == nil {
				err = c.SetContinuum(cfg.Continuum, text)
			}
			report(log, "continuum", err)
		}
	}
}

func report(log *slog.Logger, what string, err error) {
	if err != nil {
		log.Error("not reloaded; the old stays in force", "what", what, "error", err)
		return
	}
	log.Info("reloaded", "what", what)
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
			note(h, path+"/"+name)
			return nil
		})
		note(h, path)
	}
	return h.Sum64()
}

func note(h interface{ Write([]byte) (int, error) }, path string) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		fmt.Fprintln(h, path, info.Size(), info.ModTime().UnixNano())
	}
}
