package e2e

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"strconv"

	extender "k8s.io/kube-scheduler/extender/v1"
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
