package extender

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	extenderv1 "k8s.io/kube-scheduler/extender/v1"
)

// bind judges once more, holds the room and writes the binding. Where it is not known whether the binding came through
// the room stays held, until the pod is seen or the time is up.
func (h *Handler) bind(ctx context.Context, body, out []byte) ([]byte, error) {
	if h.o.Client == nil {
		return nil, errors.New("domicile: this extender does not bind")
	}
	s := scanner{text: body}
	if err := s.skip(0); err != nil {
		return nil, err
	}
	var a extenderv1.ExtenderBindingArgs
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("%w: %w", errRequest, err)
	}
	if a.PodName == "" || a.PodNamespace == "" || a.PodUID == "" || a.Node == "" {
		return nil, fmt.Errorf("%w: PodName, PodNamespace, PodUID and Node are needed", errRequest)
	}
	pods := h.o.Client.CoreV1().Pods(a.PodNamespace)
	pod := h.cluster.Waiting(a.PodNamespace, a.PodName)
	if pod == nil || pod.UID != a.PodUID {
		var err error // our own view may lag behind
		if pod, err = pods.Get(ctx, a.PodName, metav1.GetOptions{}); err != nil {
			return nil, err
		}
		if pod.UID != a.PodUID {
			return nil, fmt.Errorf("domicile: the pod is another one by now")
		}
	}
	if err := h.cluster.Reserve(ctx, pod, a.Node); err != nil {
		return nil, err
	}
	err := pods.Bind(ctx, &v1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: a.PodNamespace, Name: a.PodName, UID: a.PodUID},
		Target:     v1.ObjectReference{Kind: "Node", Name: a.Node},
	}, metav1.CreateOptions{})
	if err != nil {
		var status apierrors.APIStatus
		if errors.As(err, &status) && !apierrors.IsTimeout(err) && !apierrors.IsServerTimeout(err) {
			h.cluster.Unreserve(pod)
		}
		return nil, err
	}
	return append(out, `{"Error":""}`...), nil
}
