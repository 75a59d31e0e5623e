package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/domicile-eu/domicile/adapters/opennebula/external"
	"github.com/domicile-eu/domicile/adapters/opennebula/internal/settings"
)

// call is one start of the program.
type call struct {
	args   []string
	getenv func(string) string
	stderr io.Writer
	again  <-chan os.Signal // reads policies and continuum anew
	ready  func(listen, operate net.Addr)
}

// The exit statuses.
const (
	done   = 0
	broken = 1
	usage  = 2
)

// flags are what is given on the command line.
type flags struct {
	config string
	check  bool
	log    slog.Handler
}

func (c *call) parse() (*flags, error) {
	f := &flags{log: slog.NewJSONHandler(c.stderr, nil)}
	set := flag.NewFlagSet("domicile-external-scheduler", flag.ContinueOnError)
	set.SetOutput(c.stderr)
	set.StringVar(&f.config, "config", "", "`file` of kind OpenNebulaScheduler")
	set.BoolVar(&f.check, "check", false, "read the settings and what they name, ask OpenNebula for its version, and end")
	logs := set.String("log", "json", "json or text")
	if err := set.Parse(c.args); err != nil {
		return nil, err
	}
	switch {
	case set.NArg() > 0:
		return nil, fmt.Errorf("unknown argument %s", set.Arg(0))
	case *logs == "text":
		f.log = slog.NewTextHandler(c.stderr, nil)
	case *logs != "json":
		return nil, errors.New("-log must be json or text")
	}
	if f.config == "" {
		f.config = settings.File(c.getenv("DOMICILE_CONF"), c.getenv("ONE_LOCATION"))
	}
	return f, nil
}

func run(ctx context.Context, c *call) int {
	f, err := c.parse()
	if errors.Is(err, flag.ErrHelp) {
		return done
	}
	if err != nil {
		fmt.Fprintln(c.stderr, err)
		return usage
	}
	log := slog.New(f.log)
	p, err := c.open(f, log)
	if err != nil {
		log.Error("not started", "error", err)
		return usage
	}
	if err := p.start(ctx); err != nil {
		log.Error("not started", "error", err)
		return broken
	}
	if f.check {
		log.Info("all is well")
		return done
	}
	if err := p.serve(ctx, c.again, c.ready); err != nil {
		log.Error("ended", "error", err)
		return broken
	}
	return done
}

// program is what runs.
type program struct {
	settings *settings.Settings
	session  string
	live     *settings.Live
	log      *slog.Logger
	service  *external.Service
}

// open reads the settings and what they name.
func (c *call) open(f *flags, log *slog.Logger) (*program, error) {
	s, err := settings.Read(f.config)
	if err != nil {
		return nil, err
	}
	p := &program{settings: s, log: log}
	if p.session, err = s.Service.Session(c.getenv); err != nil {
		return nil, err
	}
	p.live, err = settings.NewLive(s, log)
	return p, err
}

// start connects with OpenNebula. What is answered there goes nowhere else: no redirection and no proxy of the environment.
func (p *program) start(ctx context.Context) error {
	s := &p.settings.Service
	client := &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       s.Answer,
	}
	var err error
	p.service, err = external.New(ctx, external.API{Endpoint: s.Endpoint, Session: p.session, Client: client}, external.Options{
		Configure: p.live.Configure, Hard: p.settings.Hard(), Deadline: s.Answer, Interval: s.Watch, Log: p.log,
	})
	return err
}
