package extender

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"k8s.io/client-go/kubernetes"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
)

// Options of a handler; nil means the defaults.
type Options struct {
	// MostBytes is the largest body that is read; zero: 16 MiB, a hundred times what 5,000 names and a pod take.
	MostBytes int64
	// MostNodes is how many nodes may be asked about; zero: 100,000.
	MostNodes int
	// Client binds pods; nil: there is no verb bind.
	Client kubernetes.Interface
	Log    *slog.Logger // nil: none
}

// Handler is an http.Handler for a cluster.
type Handler struct {
	cluster *adapter.Cluster
	o       Options
	metrics *metrics
	mux     *http.ServeMux
	buffers sync.Pool
}

// New makes a handler with the paths /filter, /prioritize, /bind, /healthz, /livez, /readyz and /metrics.
func New(c *adapter.Cluster, opts *Options) *Handler {
	h := &Handler{cluster: c, mux: http.NewServeMux()}
	if opts != nil {
		h.o = *opts
	}
	if h.o.MostBytes <= 0 {
		h.o.MostBytes = 16 << 20
	}
	if h.o.MostNodes <= 0 {
		h.o.MostNodes = 100_000
	}
	if h.o.Log == nil {
		h.o.Log = slog.New(slog.DiscardHandler)
	}
	h.buffers.New = func() any { return new(bytes.Buffer) }
	h.metrics = newMetrics(c)
	h.mux.HandleFunc("POST /filter", h.verb("filter", h.filter))
	h.mux.HandleFunc("POST /prioritize", h.verb("prioritize", h.prioritize))
	h.mux.HandleFunc("POST /bind", h.verb("bind", h.bind))
	alive := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") }
	h.mux.HandleFunc("GET /healthz", alive)
	h.mux.HandleFunc("GET /livez", alive)
	h.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := c.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	h.mux.Handle("GET /metrics", h.metrics.handler())
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// reply is what a verb has to say. A body that says that nothing may be bound is given by failed.
type reply struct {
	body   []byte
	status int // zero: 200
}

// verb reads the body, asks and answers whole. Whatever goes wrong is told in the form of the verb.
func (h *Handler) verb(name string, ask func(context.Context, []byte, []byte) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(r.Context(), h.cluster.Config().Deadline)
		defer cancel()
		in, out := h.buffers.Get().(*bytes.Buffer), h.buffers.Get().(*bytes.Buffer)
		defer h.buffers.Put(in)
		defer h.buffers.Put(out)
		in.Reset()
		out.Reset()
		body, err := h.guarded(ctx, w, r, in, out, ask)
		rep := reply{body: body}
		code := "ok"
		if err != nil {
			code = "error"
			rep = failed(name, out.AvailableBuffer(), err)
			h.o.Log.Warn("not answered", "verb", name, "error", err)
		}
		head := w.Header()
		head.Set("Content-Type", "application/json")
		head.Set("Content-Length", strconv.Itoa(len(rep.body)))
		if rep.status != 0 {
			w.WriteHeader(rep.status)
		}
		_, _ = w.Write(rep.body)
		if cap(rep.body) > out.Cap() {
			*out = *bytes.NewBuffer(rep.body[:0]) // the larger one serves the next
		}
		h.metrics.observe(name, code, time.Since(began))
	}
}

// guarded asks, and makes an error of a panic.
func (h *Handler) guarded(
	ctx context.Context, w http.ResponseWriter, r *http.Request, in, out *bytes.Buffer, ask func(context.Context, []byte, []byte) ([]byte, error),
) (body []byte, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			h.o.Log.Error("panic", "value", thrown, "stack", string(debug.Stack()))
			body, err = nil, errors.New("domicile: internal error, see the extender's log")
		}
	}()
	if r.ContentLength > h.o.MostBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", errRequest, h.o.MostBytes)
	}
	in.Grow(int(max(0, min(r.ContentLength, h.o.MostBytes))) + bytes.MinRead)
	if _, err := in.ReadFrom(http.MaxBytesReader(w, r.Body, h.o.MostBytes)); err != nil {
		return nil, fmt.Errorf("%w: %w", errRequest, err)
	}
	return ask(ctx, in.Bytes(), out.AvailableBuffer())
}

// failed is the answer of a verb that could not be answered.
func failed(verb string, b []byte, err error) reply {
	text := err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		text = "domicile: not answered in time: " + text
	}
	switch verb {
	case "filter":
		return reply{body: appendError(b, text)}
	case "bind":
		return reply{body: append(appendText(append(b, `{"Error":`...), text), '}')}
	case "prioritize": // which has no field for it, and is ignored on any error
		status := http.StatusServiceUnavailable
		if errors.Is(err, errRequest) {
			status = http.StatusBadRequest
		}
		return reply{body: append(appendText(append(b, `{"Error":`...), text), '}'), status: status}
	}
	return reply{status: http.StatusInternalServerError}
}

func (h *Handler) filter(ctx context.Context, body, out []byte) ([]byte, error) {
	a, err := parseArgs(body, h.o.MostNodes)
	if err != nil {
		return nil, err
	}
	j, err := h.cluster.Judge(ctx, a.pod, a.names)
	if err != nil {
		return nil, err
	}
	h.metrics.refused(j)
	return appendFiltered(out, a.names, j), nil
}

func (h *Handler) prioritize(ctx context.Context, body, out []byte) ([]byte, error) {
	a, err := parseArgs(body, h.o.MostNodes)
	if err != nil {
		return nil, err
	}
	scores, err := h.cluster.Score(ctx, a.pod, a.names)
	if err != nil {
		return nil, err
	}
	return appendScores(out, a.names, scores), nil
}
