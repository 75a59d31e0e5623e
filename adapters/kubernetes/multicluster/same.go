package multicluster

import (
	"reflect"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// same says whether an object already says all that another one would. The digest of the answer is left out: it differs with
// every figure that an inventory reports, and nobody waits for it.
func same(have, want *unstructured.Unstructured) bool {
	for k, v := range want.GetLabels() {
		if have.GetLabels()[k] != v {
			return false
		}
	}
	for _, k := range []string{noteComponent, noteReplicas, noteUnplaced} {
		if have.GetAnnotations()[k] != want.GetAnnotations()[k] {
			return false
		}
	}
	return reflect.DeepEqual(have.Object["decisions"], want.Object["decisions"]) && have.Object["schedulerName"] == want.Object["schedulerName"]
}
