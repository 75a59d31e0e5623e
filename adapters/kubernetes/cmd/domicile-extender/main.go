// Command domicile-extender answers kube-scheduler's extender calls from Domicile's decisions.
//
// Usage:
//
//	domicile-extender -config FILE [-listen ADDR] [-tls-cert FILE -tls-key FILE [-client-ca FILE]] [-bind] [-health ADDR]
//	domicile-extender -config FILE -explain NAMESPACE/POD
//
// Exit status 2 means wrong flags or a malformed configuration, 1 that something failed later. SIGHUP reads policies and
// continuum anew; so does a change of their files. SIGINT and SIGTERM end it once running answers are given.
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
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
	"github.com/domicile-eu/domicile/adapters/kubernetes/extender"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // some 30 MB live: fewer collections cost little memory and spare the slowest answers
	}
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, connect))
}

// settings are the flags.
type settings struct {
	config, kubeconfig, listen, health, explain, logs string
	tls                                               tlsFiles
	bind                                              bool
	reload, shutdown                                  time.Duration
	mostBytes                                         int64
	mostNodes                                         int
}

var errUsage = errors.New("wrong flags")

func parse(args []string, stderr io.Writer) (*settings, error) {
	s := &settings{}
	set := flag.NewFlagSet("domicile-extender", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&s.config, "config", "", "file of kind KubernetesConfig; needed")
	set.StringVar(&s.kubeconfig, "kubeconfig", "", "kubeconfig file; empty: that of the pod's service account")
	set.StringVar(&s.listen, "listen", "127.0.0.1:8888", "address of the extender's verbs")
	set.StringVar(&s.health, "health", "", "another address, without TLS, for /healthz /livez /readyz /metrics alone; empty: none")
	set.StringVar(&s.tls.cert, "tls-cert", "", "certificate file (PEM); with it HTTPS alone is served")
	set.StringVar(&s.tls.key, "tls-key", "", "key file of the certificate (PEM)")
	set.StringVar(&s.tls.clients, "client-ca", "", "file of authorities (PEM) of which clients must show a certificate")
	set.BoolVar(&s.bind, "bind", false, "offer the verb bind: holds room for pods until they are seen bound")
	set.StringVar(&s.explain, "explain", "", "NAMESPACE/POD: say what stands for and against it, and end")
	set.StringVar(&s.logs, "log", "json", "json or text")
	set.DurationVar(&s.reload, "reload", 10*time.Second, "how often files are looked at for changes; 0: only on SIGHUP")
	set.DurationVar(&s.shutdown, "shutdown", 10*time.Second, "how long running answers may take at the end")
	set.Int64Var(&s.mostBytes, "max-bytes", 16<<20, "largest request")
	set.IntVar(&s.mostNodes, "max-nodes", 100_000, "most nodes of one request")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	var errs []error
	bad := func(text string) { errs = append(errs, fmt.Errorf("%w: %s", errUsage, text)) }
	if set.NArg() > 0 {
		bad("unknown argument " + set.Arg(0))
	}
	if s.config == "" {
		bad("-config is needed")
	}
	if (s.tls.cert == "") != (s.tls.key == "") {
		bad("-tls-cert and -tls-key belong together")
	}
	if s.tls.clients != "" && s.tls.cert == "" {
		bad("-client-ca needs -tls-cert")
	}
	if s.explain != "" && strings.Count(s.explain, "/") != 1 {
		bad("-explain needs NAMESPACE/POD")
	}
	if s.logs != "json" && s.logs != "text" {
		bad("-log must be json or text")
	}
	if s.mostBytes <= 0 || s.mostNodes <= 0 || s.reload < 0 || s.shutdown < 0 {
		bad("limits and times must not be negative, and limits not 0")
	}
	return s, errors.Join(errs...)
}

// connect makes a client of the API server.
func connect(s *settings) (kubernetes.Interface, error) {
	var cfg *rest.Config
	var err error
	if s.kubeconfig == "" {
		cfg, err = rest.InClusterConfig()
	} else {
		cfg, err = clientcmd.BuildConfigFromFlags("", s.kubeconfig)
	}
	if err != nil {
		return nil, err
	}
	cfg.QPS, cfg.Burst, cfg.UserAgent = 5000, 5000, "domicile-extender"
	return kubernetes.NewForConfig(cfg)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer, dial func(*settings) (kubernetes.Interface, error)) int {
	s, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	var to slog.Handler = slog.NewJSONHandler(stderr, nil)
	if s.logs == "text" {
		to = slog.NewTextHandler(stderr, nil)
	}
	log := slog.New(to)
	cluster, cfg, err := open(s, log)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	client, err := dial(s)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	if s.explain != "" {
		err = explain(ctx, cluster, client, s.explain, stdout)
	} else {
		err = serve(ctx, s, cfg, cluster, client, log)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// open reads the configuration and what it names.
func open(s *settings, log *slog.Logger) (*adapter.Cluster, adapter.Config, error) {
	f, err := os.Open(s.config)
	if err != nil {
		return nil, adapter.Config{}, err
	}
	defer f.Close()
	cfg, err := adapter.ReadConfig(s.config, f)
	if err != nil {
		return nil, cfg, err
	}
	cluster, err := adapter.New(cfg, &adapter.Options{Log: log})
	return cluster, cfg, err
}

func explain(ctx context.Context, c *adapter.Cluster, client kubernetes.Interface, pod string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := c.Watch(ctx, client); err != nil {
		return err
	}
	namespace, name, _ := strings.Cut(pod, "/")
	text, err := c.Explain(ctx, namespace, name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}

// serve answers until ctx ends. It listens before the cluster is known, so that probes see a program that is alive and not
// ready.
func serve(ctx context.Context, s *settings, cfg adapter.Config, c *adapter.Cluster, client kubernetes.Interface, log *slog.Logger) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	opts := &extender.Options{MostBytes: s.mostBytes, MostNodes: s.mostNodes, Log: log}
	if s.bind {
		opts.Client = client
	}
	h := extender.New(c, opts)
	l, err := net.Listen("tcp", s.listen)
	if err != nil {
		return fmt.Errorf("-listen %s: %w", s.listen, err)
	}
	if l, err = s.tls.wrap(l); err != nil {
		return err
	}
	servers := []*http.Server{newServer(h, log)}
	listeners := []net.Listener{l}
	if s.health != "" {
		l, err := net.Listen("tcp", s.health)
		if err != nil {
			return fmt.Errorf("-health %s: %w", s.health, err)
		}
		servers, listeners = append(servers, newServer(onlyGET(h), log)), append(listeners, l)
	}
	for k := range servers {
		log.Info("listening", "address", listeners[k].Addr().String(), "tls", k == 0 && s.tls.cert != "")
		go func() {
			if err := servers[k].Serve(listeners[k]); !errors.Is(err, http.ErrServerClosed) {
				cancel(err)
			}
		}()
	}
	go func() {
		if err := c.Watch(ctx, client); err != nil && ctx.Err() == nil {
			cancel(err)
			return
		}
		log.Info("synced", "nodes", c.Stats().Nodes, "pods", c.Stats().Pods)
	}()
	go reload(ctx, s.reload, c)
	<-ctx.Done()
	end, stop := context.WithTimeout(context.Background(), s.shutdown)
	defer stop()
	var errs []error
	for _, server := range servers {
		errs = append(errs, server.Shutdown(end))
	}
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		errs = append(errs, cause)
	}
	return errors.Join(errs...)
}

// newServer has limits against clients that are slow on purpose.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 5 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

func onlyGET(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			http.Error(w, "only GET here", http.StatusMethodNotAllowed)
			return
		}
		h.ServeHTTP(w, r)
	})
}
