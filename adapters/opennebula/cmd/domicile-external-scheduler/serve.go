package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/domicile-eu/domicile/adapters/opennebula/internal/settings"
)

// atOnce is how many requests are looked at at a time. OpenNebula has one, and a request may hold some 100 MB of memory.
const atOnce = 2

// serve answers until ctx ends, and then ends once running answers are given.
func (p *program) serve(ctx context.Context, again <-chan os.Signal, ready func(listen, operate net.Addr)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &p.settings.Service
	hook, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return err
	}
	listeners, servers := []net.Listener{hook}, []*http.Server{newServer(few(p.service, atOnce), s.Answer, p.log)}
	var operate net.Addr
	if s.Operate != "" {
		l, err := net.Listen("tcp", s.Operate)
		if err != nil {
			return errors.Join(err, hook.Close())
		}
		listeners, servers = append(listeners, l), append(servers, newServer(p.service.Operate(), s.Answer, p.log))
		operate = l.Addr()
	}
	var running sync.WaitGroup
	for k := range servers {
		p.log.Info("listening", "address", listeners[k].Addr().String())
		if !settings.Loopback(listeners[k].Addr().String()) {
			p.log.Warn("others than this machine can reach this address, and nothing asks who they are", "address", listeners[k].Addr().String())
		}
		running.Go(func() {
			if err := servers[k].Serve(listeners[k]); !errors.Is(err, http.ErrServerClosed) {
				cancel(err)
			}
		})
	}
	running.Go(func() { p.service.Watch(ctx) })
	running.Go(func() { p.follow(ctx, again) })
	if ready != nil {
		ready(hook.Addr(), operate)
	}
	<-ctx.Done()
	end, stop := context.WithTimeout(context.Background(), s.Answer+time.Second)
	defer stop()
	var errs []error
	for _, server := range servers {
		errs = append(errs, server.Shutdown(end))
	}
	running.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		errs = append(errs, cause)
	}
	return errors.Join(errs...)
}

// follow looks at the files of policies and continuum, and reads them anew when it is told to.
func (p *program) follow(ctx context.Context, again <-chan os.Signal) {
	tick := time.NewTicker(p.settings.Service.Watch)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
			p.live.Look(true)
		case <-tick.C:
			p.live.Look(false)
		}
	}
}

// newServer has limits against clients that are slow on purpose. A request may come for as long as an answer may take, and both
// together for twice that.
func newServer(h http.Handler, answer time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: min(answer, 5*time.Second), ReadTimeout: answer, WriteTimeout: 2*answer + time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// few turns requests away while n others are under way.
func few(h http.Handler, n int) http.Handler {
	slots := make(chan struct{}, n)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			h.ServeHTTP(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many requests at a time", http.StatusServiceUnavailable)
		}
	})
}
