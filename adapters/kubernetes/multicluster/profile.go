package multicluster

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/domicile-eu/domicile/topology"
)

// Profiles are the ClusterProfiles of the Cluster Inventory API.
var Profiles = schema.GroupVersionResource{Group: "multicluster.x-k8s.io", Version: "v1alpha1", Resource: "clusterprofiles"}

// freeSuffix is of a property that says what a cluster has to give: cpu.free.domicile.eu, memory.free.domicile.eu.
const freeSuffix = ".free.domicile.eu"

// ReadProfile translates a ClusterProfile. Its condition ControlPlaneHealthy must be True for it to take anything new; of its properties
// those count that are named DIMENSION.free.domicile.eu. One that is malformed, or older than maxAge at now, or without a
// time where there is a maxAge, or from more than a minute ahead, makes the cluster not ready.
func ReadProfile(o *unstructured.Unstructured, now time.Time, maxAge time.Duration) Member {
	m := Member{Name: o.GetName(), Namespace: o.GetNamespace()}
	if o.GetDeletionTimestamp() != nil {
		m.NotReady = "it is being deleted"
		return m
	}
	if why := condition(o, "ControlPlaneHealthy"); why != "" {
		m.NotReady = why
	}
	properties, _, err := unstructured.NestedSlice(o.Object, "status", "properties")
	if err != nil {
		m.NotReady = "status.properties is malformed"
		return m
	}
	for i, p := range properties {
		fields, ok := p.(map[string]any)
		name, _ := fields["name"].(string)
		if !ok || !strings.HasSuffix(name, freeSuffix) {
			continue
		}
		d := dimension(strings.TrimSuffix(name, freeSuffix))
		value, _ := fields["value"].(string)
		n, err := amount(d, value)
		if err != nil {
			m.NotReady = fmt.Sprintf("status.properties[%d].value: %v", i, err)
			continue
		}
		if why := tooOld(fields["lastObservedTime"], now, maxAge); why != "" {
			m.NotReady = fmt.Sprintf("status.properties[%d].lastObservedTime: %s", i, why)
		}
		if m.Free == nil {
			m.Free = topology.Resources{}
		}
		m.Free[d] = n
	}
	return m
}

// condition says why a condition does not hold; empty: it does.
func condition(o *unstructured.Unstructured, kind string) string {
	list, _, err := unstructured.NestedSlice(o.Object, "status", "conditions")
	if err != nil {
		return "status.conditions is malformed"
	}
	for _, c := range list {
		fields, _ := c.(map[string]any)
		if fields["type"] != kind {
			continue
		}
		if fields["status"] == "True" {
			return ""
		}
		return fmt.Sprintf("its condition %s is not True", kind)
	}
	return fmt.Sprintf("it has no condition %s", kind)
}

func tooOld(at any, now time.Time, maxAge time.Duration) string {
	text, _ := at.(string)
	if text == "" {
		if maxAge > 0 {
			return "there is none"
		}
		return ""
	}
	t, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return "not RFC 3339"
	case t.After(now.Add(time.Minute)):
		return "in the future"
	case maxAge > 0 && now.Sub(t) > maxAge:
		return "too old"
	}
	return ""
}
