// Command domicile-evict turns a plan of package migrate into evictions of pods: prints them, or carries them out.
//
// Usage:
//
//	domicile-evict -plan FILE [-execute | -dry-run] [-json] [-kubeconfig FILE]
//
// A workload of the plan is named NAMESPACE/POD; its sites are those of the label domicile.node-restriction.kubernetes.io/site of nodes, of nodes
// without that label the node's own name. Without -execute nothing is changed; -dry-run has the API server judge each eviction. Exit
// status 2 means wrong flags or a malformed plan, 1 that something failed or was not carried out.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
	"github.com/domicile-eu/domicile/adapters/kubernetes/plan"
	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, connect))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer, dial func(kubeconfig string) (kubernetes.Interface, error)) int {
	f := flag.NewFlagSet("domicile-evict", flag.ContinueOnError)
	f.SetOutput(stderr)
	file := f.String("plan", "", "JSON `file` of a plan; needed")
	execute := f.Bool("execute", false, "evict")
	dry := f.Bool("dry-run", false, "have the API server judge, and evict nothing")
	asJSON := f.Bool("json", false, "print JSON")
	kubeconfig := f.String("kubeconfig", "", "kubeconfig `file`; empty: that of the pod's service account")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if *file == "" || f.NArg() > 0 || *execute && *dry {
		fmt.Fprintln(stderr, "-plan is needed, nothing but flags, and of -execute and -dry-run one")
		return 2
	}
	p, err := read(*file)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	client, err := dial(*kubeconfig)
	var e *plan.Evictions
	if err == nil {
		e, err = evictions(ctx, client, p)
	}
	if err == nil && *asJSON {
		out := json.NewEncoder(stdout)
		out.SetIndent("", "  ")
		err = out.Encode(e)
	} else if err == nil {
		err = e.Print(stdout)
	}
	if err == nil && (*execute || *dry) {
		err = e.Run(ctx, client, &plan.RunOptions{DryRun: *dry, Done: func(s *plan.Step, err error) {
			if err != nil {
				fmt.Fprintf(stderr, "%d  %s/%s: %v\n", s.Move, s.Namespace, s.Pod, err)
			}
		}})
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

func read(file string) (*migrate.Plan, error) {
	r, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return plan.Read(file, r)
}

func connect(kubeconfig string) (kubernetes.Interface, error) {
	var cfg *rest.Config
	var err error
	if kubeconfig == "" {
		cfg, err = rest.InClusterConfig()
	} else {
		cfg, err = clientcmd.BuildConfigFromFlags("", kubeconfig)
	}
	if err != nil {
		return nil, err
	}
	cfg.UserAgent = "domicile-evict"
	return kubernetes.NewForConfig(cfg)
}

// evictions looks at what there is and makes steps of a plan.
func evictions(ctx context.Context, client kubernetes.Interface, p *migrate.Plan) (*plan.Evictions, error) {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	sites := make(map[string]topology.SiteID, len(nodes.Items))
	for k := range nodes.Items {
		n := &nodes.Items[k]
		if sites[n.Name] = topology.SiteID(n.Labels[adapter.SiteLabel]); sites[n.Name] == "" {
			sites[n.Name] = topology.SiteID(n.Name)
		}
	}
	pods, err := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	byName := make(map[placement.WorkloadID]*v1.Pod, len(pods.Items))
	for k := range pods.Items {
		x := &pods.Items[k]
		byName[placement.WorkloadID(x.Namespace+"/"+x.Name)] = x
	}
	budgets, err := client.PolicyV1().PodDisruptionBudgets("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	return plan.Make(p, func(w placement.WorkloadID) *v1.Pod { return byName[w] }, budgets.Items,
		func(node string) topology.SiteID { return sites[node] })
}
