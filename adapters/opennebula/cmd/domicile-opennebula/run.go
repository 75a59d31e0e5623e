package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/adapters/opennebula"
	"github.com/domicile-eu/domicile/adapters/opennebula/internal/settings"
)

// call is one invocation by oned.
type call struct {
	args             []string // the first is the name it was called by
	location, config string   // ONE_LOCATION and DOMICILE_CONF
	in               io.Reader
	out, log         io.Writer
	now              func() time.Time
}

// The exit statuses. oned throws the plan of any other than 0 away, and logs what was said once more, as if about the VM that
// has the cluster's ID. So whatever can be told is told with status 0 and an empty plan.
const (
	done   = 0
	broken = 1
	usage  = 2
)

// outcome is what the decision came to.
type outcome struct {
	doc    *opennebula.Document
	answer *opennebula.Answer
	raw    []byte // what was read, where a stand-in may want it
	err    error
	crash  bool
}

func run(c *call) int {
	mode, cluster, err := c.mode()
	if err != nil {
		fmt.Fprintln(c.log, "usage:", err)
		return usage
	}
	began := c.now()
	empty := &opennebula.Plan{ID: cluster}
	s, err := settings.Read(settings.File(c.config, c.location))
	if err != nil {
		c.say("ERROR", err.Error())
		return c.write(empty)
	}
	limit := s.Place
	if mode == opennebula.Optimize {
		limit = s.Optimize
	}
	ctx, cancel := context.WithDeadline(context.Background(), began.Add(limit*8/10))
	defer cancel()
	result := make(chan outcome, 1)
	go func() { result <- c.decide(ctx, s, mode, cluster, began, limit) }()
	timer := time.NewTimer(limit - c.now().Sub(began))
	defer timer.Stop()
	var o outcome
	select {
	case o = <-result:
	case <-timer.C:
		o.err = fmt.Errorf("no answer within %v", limit)
	}
	if o.crash {
		fmt.Fprintln(c.log, o.err)
		return broken
	}
	if o.err != nil {
		return c.fail(s, mode, &o, empty)
	}
	c.report(&o)
	return c.write(&o.answer.Wave)
}

// mode reads how the program was called: as place, as optimize with a cluster, or with one of these as first argument.
func (c *call) mode() (opennebula.Mode, int, error) {
	name, rest := filepath.Base(c.args[0]), c.args[1:]
	if name != "place" && name != "optimize" && len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	switch {
	case name == "place" && len(rest) == 0:
		return opennebula.Place, -1, nil
	case name == "optimize" && len(rest) == 1:
		if id, err := strconv.Atoi(rest[0]); err == nil && id >= 0 {
			return opennebula.Optimize, id, nil
		}
	}
	return 0, 0, errors.New("place, or optimize CLUSTER_ID, with the document of oned on standard input")
}

// decide reads and decides. A panic comes back as a crash, so that it is told in a way that oned understands.
func (c *call) decide(ctx context.Context, s *settings.Settings, mode opennebula.Mode, cluster int, began time.Time, limit time.Duration) (o outcome) {
	defer func() {
		if r := recover(); r != nil {
			o = outcome{err: fmt.Errorf("domicile: internal error: %.300v", r), crash: true}
		}
	}()
	in := c.in
	var kept bytes.Buffer
	if s.Fallback != "" {
		in = io.TeeReader(in, &kept)
	}
	o.doc, o.err = opennebula.Read(in)
	o.raw = kept.Bytes()
	if o.err != nil {
		_, _ = io.Copy(io.Discard, c.in) // who writes to a closed pipe is ended by it
		return o
	}
	cfg, err := s.Decision(began)
	if err != nil {
		o.err = err
		return o
	}
	cfg.Mode, cfg.Cluster = mode, cluster
	cfg.Spent = func() float64 { return float64(c.now().Sub(began)) / float64(limit*6/10) }
	if o.answer, o.err = opennebula.Decide(ctx, o.doc, cfg); o.err != nil {
		return o
	}
	// The last word has who shares no code with what decided: oned itself checks no migration.
	if wrong := opennebula.CheckPlan(o.doc, mode, &o.answer.Wave); len(wrong) > 0 {
		o.err = fmt.Errorf("the plan was not safe and is dropped: %s", strings.Join(wrong[:min(3, len(wrong))], "; "))
	}
	return o
}

// fail says why there is no plan, or lets the stock scheduler stand in where that breaks no promise.
func (c *call) fail(s *settings.Settings, mode opennebula.Mode, o *outcome, empty *opennebula.Plan) int {
	c.say("ERROR", o.err.Error())
	if s.Fallback == "" || mode != opennebula.Place {
		return c.write(empty)
	}
	switch {
	case o.doc == nil:
		c.say("ERROR", "no stand-in: what was not read could hold rules that "+s.Fallback+" does not know")
		return c.write(empty)
	case opennebula.Restricted(o.doc):
		c.say("ERROR", "no stand-in: a VM states what "+s.Fallback+" does not know")
		return c.write(empty)
	}
	plan, err := c.standIn(s, o.raw)
	if err != nil {
		c.say("ERROR", "stand-in "+s.Fallback+": "+err.Error())
		return c.write(empty)
	}
	c.say("WARN", "the plan is that of "+s.Fallback)
	if _, err := c.out.Write(plan); err != nil {
		return broken
	}
	return done
}

// standIn runs the place of the stock scheduler beside this one.
func (c *call) standIn(s *settings.Settings, document []byte) ([]byte, error) {
	base := "/var/lib/one"
	if c.location != "" {
		base = filepath.Join(c.location, "var")
	}
	ctx, cancel := context.WithTimeout(context.Background(), settings.Longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(base, "remotes/scheduler", s.Fallback, "place"))
	cmd.Stdin, cmd.Stderr, cmd.Env, cmd.WaitDelay = bytes.NewReader(document), c.log, os.Environ(), time.Second
	return cmd.Output()
}

// report logs by VM. With ERROR the reason is shown to the user.
func (c *call) report(o *outcome) {
	for _, text := range o.doc.Defects {
		c.say("WARN", text)
	}
	for _, vm := range slices.Sorted(maps.Keys(o.answer.Reasons)) {
		c.line("ERROR", fmt.Sprintf("%d %s", vm, o.answer.Reasons[vm]))
	}
	for _, a := range o.answer.Wave.Actions {
		c.line("INFO", fmt.Sprintf("%d %s to host %d, system datastore %d", a.VM, a.Operation, a.Host, a.Datastore))
	}
	c.say("INFO", fmt.Sprintf("%d of %d actions in this wave, %d waves; greatest load %.4f -> %.4f, at least %.4f",
		len(o.answer.Wave.Actions), len(o.answer.Target), o.answer.Waves, o.answer.Before.Value, o.answer.After.Value, o.answer.Bound.Value))
}

// say logs what is about no VM. It never starts with a digit, which oned would take for a VM.
func (c *call) say(level, text string) { c.line(level, "domicile: "+text) }

// line writes one line, whatever stands in text.
func (c *call) line(level, text string) {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return ';'
		case r < ' ' || r == 0x7f:
			return ' '
		}
		return r
	}, text)
	if len(text) > 1000 {
		text = strings.ToValidUTF8(text[:1000], "") + "..."
	}
	fmt.Fprintf(c.log, "%s: %s\n", level, text)
}

func (c *call) write(p *opennebula.Plan) int {
	if err := opennebula.WritePlan(c.out, p); err != nil {
		fmt.Fprintln(c.log, "domicile: the plan could not be written")
		return broken
	}
	return done
}
