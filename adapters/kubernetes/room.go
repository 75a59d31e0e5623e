package kubernetes

import (
	"strings"

	v1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/component-helpers/resource"

	"github.com/domicile-eu/domicile/topology"
)

// room is an amount of every resource: milli-CPU, bytes, pods, and whole things of everything else.
type room struct {
	cpu, memory, disk, pods int64
	extra                   map[v1.ResourceName]int64 // nil where there is none
}

func roomOf(list v1.ResourceList) (r room) {
	for name, q := range list {
		switch name {
		case v1.ResourceCPU:
			r.cpu = amount(&q, 1000)
		case v1.ResourceMemory:
			r.memory = amount(&q, 1)
		case v1.ResourceEphemeralStorage:
			r.disk = amount(&q, 1)
		case v1.ResourcePods:
			r.pods = amount(&q, 1)
		default:
			// Volumes and the like are kube-scheduler's.
			if strings.HasPrefix(string(name), v1.ResourceHugePagesPrefix) || strings.Contains(string(name), "/") {
				if r.extra == nil {
					r.extra = make(map[v1.ResourceName]int64)
				}
				r.extra[name] = amount(&q, 1)
			}
		}
	}
	return r
}

// mostAmount is more than any node has, and so little that the sum of thousands does not overflow.
const mostAmount = 1 << 50

// amount is a quantity in parts of one, from 0 to mostAmount: what is beyond is somebody's mistake or malice.
func amount(q *apiresource.Quantity, parts int64) int64 {
	switch {
	case q.Sign() <= 0:
		return 0
	case q.CmpInt64(mostAmount/parts) >= 0:
		return mostAmount
	case parts == 1000:
		return q.MilliValue()
	}
	return q.Value()
}

// demandOf is what a pod takes of a node, as kube-scheduler counts it.
func demandOf(pod *v1.Pod) room {
	r := roomOf(resource.PodRequests(pod, resource.PodResourcesOptions{UseStatusResources: true}))
	r.pods = 1
	return r
}

// add adds a room so many times.
func (r *room) add(x room, times int64) {
	r.cpu += times * x.cpu
	r.memory += times * x.memory
	r.disk += times * x.disk
	r.pods += times * x.pods
	if len(x.extra) > 0 && r.extra == nil {
		r.extra = make(map[v1.ResourceName]int64)
	}
	for name, n := range x.extra {
		r.extra[name] += times * n
	}
}

// Reasons of lack of room.
const (
	reasonCPU    = "domicile: not enough cpu beside pods and reservations"
	reasonMemory = "domicile: not enough memory beside pods and reservations"
	reasonDisk   = "domicile: not enough ephemeral storage beside pods and reservations"
	reasonPods   = "domicile: too many pods beside reservations"
	reasonExtra  = "domicile: not enough of an extended resource beside pods and reservations"
)

// lacks says what of a demand does not fit beside what is used; own is what the pod itself holds there already.
func lacks(allocatable, used, own, demand *room) string {
	fits := func(have, use, own, want int64) bool { return want == 0 || want <= have-use+own }
	switch {
	case !fits(allocatable.cpu, used.cpu, own.cpu, demand.cpu):
		return reasonCPU
	case !fits(allocatable.memory, used.memory, own.memory, demand.memory):
		return reasonMemory
	case !fits(allocatable.disk, used.disk, own.disk, demand.disk):
		return reasonDisk
	case !fits(allocatable.pods, used.pods, own.pods, demand.pods):
		return reasonPods
	}
	for name, n := range demand.extra {
		if !fits(allocatable.extra[name], used.extra[name], own.extra[name], n) {
			return reasonExtra
		}
	}
	return ""
}

const gpuResource = "nvidia.com/gpu"

// priced is the part of a demand that sites have prices for. What a pod does not state it is not charged for.
func (r *room) priced() topology.Resources {
	out := topology.Resources{}
	for dim, n := range map[topology.Dimension]int64{
		topology.CPU: r.cpu, topology.Memory: r.memory, topology.Disk: r.disk, topology.GPU: r.extra[gpuResource],
	} {
		if n > 0 {
			out[dim] = min(n, plenty[dim])
		}
	}
	return out
}

// plenty is more of each priced dimension than a site of the world can run out of: room is counted by node, not by site.
var plenty = topology.Resources{topology.CPU: 1 << 30, topology.Memory: 1 << 46, topology.Disk: 1 << 50, topology.GPU: 1 << 20}
