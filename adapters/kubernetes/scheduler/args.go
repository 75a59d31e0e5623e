package scheduler

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/runtime"
)

// Args are the plugin's arguments, in pluginConfig of a KubeSchedulerConfiguration.
type Args struct {
	// Config is the file of kind KubernetesConfig, the same as the extender's.
	Config string `json:"config"`
	// Candidates is how many of the best nodes kube-scheduler is to look at; zero: 8, because each costs it some ten microseconds and
	// mostly the first is taken; at most 1000.
	Candidates int `json:"candidates"`
}

// most is a limit of Args.Candidates: more than that is what kube-scheduler looks at by itself.
const most = 1000

// ReadArgs reads the arguments as kube-scheduler hands them over. Unknown fields are errors, and the error names every other defect.
func ReadArgs(o runtime.Object) (Args, error) {
	a := Args{}
	u, ok := o.(*runtime.Unknown)
	if !ok || len(u.Raw) == 0 {
		return a, fmt.Errorf("pluginConfig %s: args are missing", Name)
	}
	d := json.NewDecoder(bytes.NewReader(u.Raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, fmt.Errorf("pluginConfig %s: args: %w", Name, err)
	}
	var defects []error
	if _, err := d.Token(); err != io.EOF {
		defects = append(defects, fmt.Errorf("pluginConfig %s: args: more than one value", Name))
	}
	if a.Config == "" {
		defects = append(defects, fmt.Errorf("pluginConfig %s: args.config: no file is named", Name))
	}
	if a.Candidates < 0 || a.Candidates > most {
		defects = append(defects, fmt.Errorf("pluginConfig %s: args.candidates: %d is not from 0 to %d", Name, a.Candidates, most))
	}
	if a.Candidates == 0 {
		a.Candidates = 8
	}
	return a, errors.Join(defects...)
}
