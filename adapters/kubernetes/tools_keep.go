//go:build keep

package kubernetes

import (
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "k8s.io/component-helpers/resource"
	_ "k8s.io/kube-scheduler/extender/v1"
)
