package external

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// counters are what /metrics shows.
type counters struct {
	requests, failed, cut, written, vetoes, exposed atomic.Int64
	seconds                                         histogram
}

// bounds of the histogram of answers, in seconds.
var bounds = [...]float64{0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10}

type histogram struct {
	buckets [len(bounds)]atomic.Int64
	count   atomic.Int64
	nanos   atomic.Int64
}

func (h *histogram) add(d time.Duration) {
	for i, b := range bounds {
		if d.Seconds() <= b {
			h.buckets[i].Add(1)
		}
	}
	h.count.Add(1)
	h.nanos.Add(int64(d))
}

// Operate returns the handler for people and their monitoring: /healthz, /livez, /readyz (which asks OpenNebula) and
// /metrics in the text format of Prometheus. It belongs on an address of its own, because OpenNebula posts to any path.
func (s *Service) Operate() http.Handler {
	mux := http.NewServeMux()
	alive := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /livez", alive)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.opts.Configure(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		if _, err := s.API.call(r.Context(), "one.system.version"); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /metrics", s.metrics)
	return mux
}

func (s *Service) metrics(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	for _, c := range []struct {
		name, help string
		n          *atomic.Int64
	}{
		{"requests_total", "Requests of OpenNebula's scheduler.", &s.count.requests},
		{"failures_total", "Requests without an answer, and requirements that could not be written.", &s.count.failed},
		{"answers_cut_total", "Machines left out of an answer because it was full.", &s.count.cut},
		{"requirements_written_total", "Requirements written into machines.", &s.count.written},
		{"vetoes_total", "Machines sent to a host that is too full for them.", &s.count.vetoes},
		{"exposed_total", "Machines that OpenNebula could place once where policies refuse them.", &s.count.exposed},
	} {
		fmt.Fprintf(&b, "# HELP domicile_opennebula_%s %s\n# TYPE domicile_opennebula_%s counter\ndomicile_opennebula_%s %d\n",
			c.name, c.help, c.name, c.name, c.n.Load())
	}
	const name = "domicile_opennebula_answer_duration_seconds"
	fmt.Fprintf(&b, "# HELP %s How long answers took.\n# TYPE %s histogram\n", name, name)
	h := &s.count.seconds
	for i, bound := range bounds {
		fmt.Fprintf(&b, "%s_bucket{le=\"%g\"} %d\n", name, bound, h.buckets[i].Load())
	}
	fmt.Fprintf(&b, "%s_bucket{le=\"+Inf\"} %d\n%s_sum %g\n%s_count %d\n", name, h.count.Load(), name,
		time.Duration(h.nanos.Load()).Seconds(), name, h.count.Load())
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	_, _ = w.Write([]byte(b.String()))
}
