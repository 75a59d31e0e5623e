package kubernetes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/placement"
)

// Limits of annotations: they are written by whoever may create pods.
const (
	mostFlowBytes      = 16 << 10
	mostFlows          = 32
	mostAttributeBytes = 16 << 10
)

// parseFlows reads the annotation of a pod: a JSON list of the traffic into its component, in the form of an application's
// flows without "to". Data classes of flows are not the pod author's to choose.
func parseFlows(text, component string) ([]placement.Flow, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > mostFlowBytes {
		return nil, fmt.Errorf("%w: %s: more than %d bytes", ErrInvalid, FlowsAnnotation, mostFlowBytes)
	}
	var flows []map[string]any
	if err := json.Unmarshal([]byte(text), &flows); err != nil {
		return nil, fmt.Errorf("%w: %s: not a JSON list of objects: %w", ErrInvalid, FlowsAnnotation, err)
	}
	if len(flows) > mostFlows {
		return nil, fmt.Errorf("%w: %s: more than %d flows", ErrInvalid, FlowsAnnotation, mostFlows)
	}
	components := []string{component}
	for k, f := range flows {
		if f == nil {
			return nil, fmt.Errorf("%w: %s[%d]: null", ErrInvalid, FlowsAnnotation, k)
		}
		if _, ok := f["data"]; ok {
			return nil, fmt.Errorf("%w: %s[%d]: the class of data is the pod's own and cannot be stated here", ErrInvalid, FlowsAnnotation, k)
		}
		if to, ok := f["to"]; ok && to != component {
			return nil, fmt.Errorf("%w: %s[%d]: to is another component than the pod's", ErrInvalid, FlowsAnnotation, k)
		}
		f["to"] = component
		if from, ok := f["from"].(string); ok && !slices.Contains(components, from) {
			components = append(components, from)
		}
	}
	list := make([]map[string]any, len(components))
	for k, name := range components {
		list[k] = map[string]any{"name": name, "kind": "container", "demand": map[string]any{"cpu": "1"}}
	}
	doc, err := json.Marshal(map[string]any{
		"apiVersion": "domicile.eu/v1alpha1", "kind": "Applications",
		"applications": []any{map[string]any{"name": "pod", "tenant": "pod", "components": list, "flows": flows}},
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInvalid, FlowsAnnotation, err)
	}
	apps, err := placement.ReadApplications(FlowsAnnotation, bytes.NewReader(doc))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return apps[0].Flows, nil
}

// parseAttributes reads facts for policies.
func parseAttributes(text string) (map[string]any, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > mostAttributeBytes {
		return nil, fmt.Errorf("%w: %s: more than %d bytes", ErrInvalid, AttributesAnnotation, mostAttributeBytes)
	}
	var facts map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &facts); err != nil {
		return nil, fmt.Errorf("%w: %s: not a JSON object: %w", ErrInvalid, AttributesAnnotation, err)
	}
	doc, err := json.Marshal(map[string]any{
		"apiVersion": "domicile.eu/v1alpha1", "kind": "Applications",
		"applications": []any{map[string]any{"name": "pod", "tenant": "pod", "components": []any{map[string]any{
			"name": "pod", "kind": "container", "demand": map[string]any{"cpu": "1"}, "attributes": facts,
		}}}},
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInvalid, AttributesAnnotation, err)
	}
	apps, err := placement.ReadApplications(AttributesAnnotation, bytes.NewReader(doc))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return apps[0].Workloads[0].Attributes, nil
}
