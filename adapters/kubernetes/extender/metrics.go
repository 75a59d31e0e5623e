package extender

import (
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
)

// metrics are those of one handler, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	nodes    *prometheus.CounterVec

	mu    sync.Mutex
	known map[string]prometheus.Counter
}

// mostReasons is how many reasons are told apart: there are as many as rules, and a few.
const mostReasons = 200

func newMetrics(c *adapter.Cluster) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "domicile_extender_requests_total", Help: "Requests by verb and outcome (ok, error)."}, []string{"verb", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "domicile_extender_request_duration_seconds", Help: "Time from the head of a request to the end of its answer.",
			Buckets: []float64{.0001, .00025, .0005, .001, .002, .004, .006, .01, .025, .1, .5, 1, 2}}, []string{"verb"}),
		nodes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "domicile_extender_nodes_filtered_total", Help: "Nodes that were refused, by reason."}, []string{"reason"}),
		known: make(map[string]prometheus.Counter),
	}
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "domicile_build_info", Help: "Always 1; the version stands in the label.",
		ConstLabels: prometheus.Labels{"version": version}}, func() float64 { return 1 })
	m.registry.MustRegister(m.requests, m.seconds, m.nodes, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge := func(name, help string, value func(adapter.Stats) float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(c.Stats()) }))
	}
	gauge("domicile_nodes", "Nodes that are known.", func(s adapter.Stats) float64 { return float64(s.Nodes) })
	gauge("domicile_nodes_without_site", "Nodes that are known and have no identity, so that nothing may run there.", func(s adapter.Stats) float64 { return float64(s.Homeless) })
	gauge("domicile_pods", "Pods that are known.", func(s adapter.Stats) float64 { return float64(s.Pods) })
	gauge("domicile_reservations", "Pods for which room is held.", func(s adapter.Stats) float64 { return float64(s.Held) })
	gauge("domicile_ready", "1 where questions can be answered.", func(s adapter.Stats) float64 {
		if s.Ready {
			return 1
		}
		return 0
	})
	gauge("domicile_policy_rules", "Rules in force.", func(s adapter.Stats) float64 { return float64(s.Rules) })
	gauge("domicile_policy_failed_reloads", "Reloads of policies that failed since the last that did not.", func(s adapter.Stats) float64 { return float64(s.FailedReloads) })
	gauge("domicile_continuum_as_of_timestamp_seconds", "The time that the continuum speaks of.", func(s adapter.Stats) float64 { return float64(s.AsOf.Unix()) })
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) observe(verb, code string, took time.Duration) {
	m.requests.WithLabelValues(verb, code).Inc()
	m.seconds.WithLabelValues(verb).Observe(took.Seconds())
}

// refused counts nodes by reason.
func (m *metrics) refused(j *adapter.Judged) {
	count := make(map[string]int)
	last, n := "", 0
	for _, reason := range j.Reasons { // neighbours are mostly refused alike
		if reason != last {
			count[last] += n
			last, n = reason, 0
		}
		n++
	}
	count[last] += n
	delete(count, "")
	m.mu.Lock()
	defer m.mu.Unlock()
	for reason, n := range count {
		c := m.known[reason]
		if c == nil {
			if len(m.known) >= mostReasons {
				reason = "other"
			}
			c = m.nodes.WithLabelValues(reason)
			m.known[reason] = c
		}
		c.Add(float64(n))
	}
}
