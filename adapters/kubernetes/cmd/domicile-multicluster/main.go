// Command domicile-multicluster writes decisions to what runs many clusters: PlacementDecisions, AddOnPlacementScores, and the clusters of Karmada's
// ResourceBindings.
//
// Usage:
//
//	domicile-multicluster -continuum FILE [-policies DIR]... [-applications FILE] [-inventory NAMESPACE] [-scores] [-bindings]
//
// One of several replicas works at a time (a Lease). Files are read before every round, so that what is changed counts and what is broken
// stops the writing, not the program. Exit status 2 means wrong flags, 1 that something failed at the start.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/domicile-eu/domicile/adapters/kubernetes/multicluster"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// settings are the flags.
type settings struct {
	files                            files
	kubeconfig, inventory, namespace string
	karmada, scheduler, identity     string
	scores, bindings, once           bool
	every, maxAge                    time.Duration
}

func parse(args []string, stderr io.Writer) (*settings, error) {
	s := &settings{}
	f := flag.NewFlagSet("domicile-multicluster", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&s.files.continuum, "continuum", "", "`file` with the continuum, a site for each cluster; needed")
	f.StringVar(&s.files.applications, "applications", "", "`file` with the applications of PlacementDecisions and scores")
	f.Func("policies", "`folder` with policies; may be given again", func(dir string) error {
		s.files.policies = append(s.files.policies, dir)
		return nil
	})
	f.StringVar(&s.kubeconfig, "kubeconfig", "", "kubeconfig `file`; empty: that of the pod's service account")
	f.StringVar(&s.inventory, "inventory", "", "`namespace` of ClusterProfiles and PlacementDecisions; empty: neither is looked at")
	f.BoolVar(&s.scores, "scores", false, "write an AddOnPlacementScore for each ManagedCluster")
	f.BoolVar(&s.bindings, "bindings", false, "answer Karmada's ResourceBindings that name this scheduler")
	f.StringVar(&s.karmada, "bindings-namespace", "", "`namespace` of the bindings; empty: all")
	f.StringVar(&s.scheduler, "scheduler", "domicile", "schedulerName")
	f.StringVar(&s.namespace, "lease-namespace", "domicile", "`namespace` of the Lease")
	f.StringVar(&s.identity, "identity", "", "name in the Lease; empty: the host's")
	f.DurationVar(&s.every, "every", 30*time.Second, "time between two rounds")
	f.DurationVar(&s.maxAge, "max-age", 0, "how old an observation in a ClusterProfile may be; 0: any age")
	f.BoolVar(&s.once, "once", false, "one round, without a Lease")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	var errs []error
	if f.NArg() > 0 {
		errs = append(errs, fmt.Errorf("unknown argument %s", f.Arg(0)))
	}
	if s.files.continuum == "" {
		errs = append(errs, errors.New("-continuum is needed"))
	}
	if s.inventory == "" && !s.scores && !s.bindings {
		errs = append(errs, errors.New("nothing to do: give -inventory, -scores or -bindings"))
	}
	if s.inventory != "" && s.files.applications == "" {
		errs = append(errs, errors.New("-inventory needs -applications"))
	}
	if s.every <= 0 || s.maxAge < 0 {
		errs = append(errs, errors.New("-every must be above 0, and -max-age not negative"))
	}
	return s, errors.Join(errs...)
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	s, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	if _, err := s.files.world(ctx); err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	cfg, err := connect(s.kubeconfig)
	if err == nil {
		err = work(ctx, s, cfg, log)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		log.Error("ended", "error", err)
		return 1
	}
	return 0
}

func connect(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		return rest.InClusterConfig()
	}
	return clientcmd.BuildConfigFromFlags("", kubeconfig)
}

// reconciler is one of the outputs.
type reconciler interface {
	Reconcile(ctx context.Context) (notes []string, err error)
}

func work(ctx context.Context, s *settings, cfg *rest.Config, log *slog.Logger) error {
	cfg.UserAgent = "domicile-multicluster"
	client, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return err
	}
	outputs, err := s.outputs(client)
	if err != nil {
		return err
	}
	if s.once {
		return round(ctx, outputs, log)
	}
	typed, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return err
	}
	if s.identity == "" {
		if s.identity, err = os.Hostname(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lost := false
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "domicile-multicluster"}, Client: typed.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: s.identity},
		},
		LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: 2 * time.Second, ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) { repeat(ctx, s.every, outputs, log) },
			OnStoppedLeading: func() { lost = ctx.Err() == nil },
		},
	})
	if err != nil {
		return err
	}
	elector.Run(ctx)
	if lost {
		return errors.New("the Lease is lost")
	}
	return nil
}

func (s *settings) outputs(client dynamic.Interface) ([]reconciler, error) {
	var out []reconciler
	opts := multicluster.Options{Scheduler: s.scheduler, MaxAge: s.maxAge, Validity: 3*s.every + time.Minute}
	if s.inventory != "" {
		opts := opts
		opts.Namespace = s.inventory
		r, err := multicluster.NewInventory(client, s.files.world, opts)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if s.scores {
		r, err := multicluster.NewScorer(client, s.files.world, opts)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if s.bindings {
		opts := opts
		opts.Namespace = s.karmada
		r, err := multicluster.NewBinder(client, s.files.world, opts)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func repeat(ctx context.Context, every time.Duration, outputs []reconciler, log *slog.Logger) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		_ = round(ctx, outputs, log) // logged; the next round comes
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func round(ctx context.Context, outputs []reconciler, log *slog.Logger) error {
	var errs []error
	for _, r := range outputs {
		notes, err := r.Reconcile(ctx)
		name := fmt.Sprintf("%T", r)
		for _, n := range notes {
			log.Warn("left out", "output", name, "what", n)
		}
		if err != nil {
			log.Error("nothing or not everything was written", "output", name, "error", err)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
