package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"strconv"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	extender "k8s.io/kube-scheduler/extender/v1"

	domicile "github.com/domicile-eu/domicile/adapters/kubernetes"
)

// act is the test binary as another program: an extender that lets everything pass ("nothing"), to measure against.
func act(role string) int {
	mux := http.NewServeMux()
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") })
	switch role {
	case "nothing":
		mux.HandleFunc("/filter", func(w http.ResponseWriter, r *http.Request) {
			var args extender.ExtenderArgs
			if err := json.NewDecoder(r.Body).Decode(&args); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			reply(w, &extender.ExtenderFilterResult{NodeNames: args.NodeNames})
		})
		mux.HandleFunc("/prioritize", func(w http.ResponseWriter, r *http.Request) {
			var args extender.ExtenderArgs
			if err := json.NewDecoder(r.Body).Decode(&args); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			list := make(extender.HostPriorityList, len(*args.NodeNames))
			for k, name := range *args.NodeNames {
				h := fnv.New32a()
				h.Write([]byte(name))
				list[k] = extender.HostPriority{Host: name, Score: int64(h.Sum32() % 11)}
			}
			reply(w, list)
		})
	case "cluster":
		if err := serveCluster(mux); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Getenv("E2E_LISTEN"), mux))
	return 1
}

// reply writes an answer with its length: kube-scheduler gives up connections with chunked ones.
func reply(w http.ResponseWriter, answer any) {
	b, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b)
}

// serveCluster answers from package kubernetes in the plainest way.
func serveCluster(mux *http.ServeMux) error {
	f, err := os.Open(os.Getenv("E2E_CONFIG"))
	if err != nil {
		return err
	}
	cfg, err := domicile.ReadConfig(f.Name(), f)
	if err != nil {
		return err
	}
	c, err := domicile.New(cfg, nil)
	if err != nil {
		return err
	}
	rest, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(rest)
	if err != nil {
		return err
	}
	if err := c.Watch(context.Background(), client); err != nil {
		return err
	}
	mux.HandleFunc("/filter", func(w http.ResponseWriter, r *http.Request) {
		var args extender.ExtenderArgs
		err := json.NewDecoder(r.Body).Decode(&args)
		out := &extender.ExtenderFilterResult{}
		var got *domicile.Filtered
		if err == nil {
			got, err = c.Filter(r.Context(), args.Pod, *args.NodeNames)
		}
		if err != nil {
			out.Error = err.Error()
		} else {
			out.NodeNames, out.FailedNodes, out.FailedAndUnresolvableNodes = &got.Pass, got.Soft, got.Hard
		}
		reply(w, out)
	})
	mux.HandleFunc("/prioritize", func(w http.ResponseWriter, r *http.Request) {
		var args extender.ExtenderArgs
		if err := json.NewDecoder(r.Body).Decode(&args); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		scores, err := c.Score(r.Context(), args.Pod, *args.NodeNames)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		list := make(extender.HostPriorityList, len(scores))
		for k, name := range *args.NodeNames {
			list[k] = extender.HostPriority{Host: name, Score: scores[k] / 10}
		}
		reply(w, list)
	})
	mux.HandleFunc("/bind", func(w http.ResponseWriter, r *http.Request) {
		var args extender.ExtenderBindingArgs
		out := &extender.ExtenderBindingResult{}
		if err := json.NewDecoder(r.Body).Decode(&args); err != nil {
			out.Error = err.Error()
		} else if err := bind(r.Context(), c, client, &args); err != nil {
			out.Error = err.Error()
		}
		reply(w, out)
	})
	return nil
}

func bind(ctx context.Context, c *domicile.Cluster, client kubernetes.Interface, args *extender.ExtenderBindingArgs) error {
	x, err := client.CoreV1().Pods(args.PodNamespace).Get(ctx, args.PodName, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if err := c.Reserve(ctx, x, args.Node); err != nil {
		return err
	}
	err = client.CoreV1().Pods(args.PodNamespace).Bind(ctx, &v1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: args.PodNamespace, Name: args.PodName, UID: args.PodUID},
		Target:     v1.ObjectReference{Kind: "Node", Name: args.Node},
	}, metav1.CreateOptions{})
	if err != nil {
		c.Unreserve(x)
	}
	return err
}
