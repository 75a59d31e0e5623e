package multicluster

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// page is how many objects are asked for at once.
const page = 500

// list reads all objects of a kind, page by page; empty namespace: all namespaces.
func list(ctx context.Context, c dynamic.Interface, r schema.GroupVersionResource, namespace, selector string) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	opts := metav1.ListOptions{LabelSelector: selector, Limit: page}
	for {
		l, err := c.Resource(r).Namespace(namespace).List(ctx, opts)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", r.Resource, err)
		}
		for i := range l.Items {
			out = append(out, &l.Items[i])
		}
		if opts.Continue = l.GetContinue(); opts.Continue == "" {
			return out, nil
		}
	}
}

// apply applies an object, or one of its subresources, on the server's side. force takes fields over from other managers.
func apply(ctx context.Context, c dynamic.Interface, r schema.GroupVersionResource, o *unstructured.Unstructured, manager string, force bool, sub ...string) error {
	_, err := c.Resource(r).Namespace(o.GetNamespace()).Apply(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: manager, Force: force}, sub...)
	if err != nil {
		return fmt.Errorf("apply %s %s/%s: %w", r.Resource, o.GetNamespace(), o.GetName(), err)
	}
	return nil
}
