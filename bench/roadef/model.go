package roadef

import (
	"fmt"
	"io"
	"math"
)

// Model is an instance of the challenge without the initial assignment. All amounts and costs are at least 0.
type Model struct {
	Resources []Resource
	Machines  []Machine
	Services  []Service
	Processes []Process
	Balances  []Balance
	// Weights of the three costs of moving.
	ProcessMove, ServiceMove, MachineMove int64

	moves matrix
}

// Resource is one kind of capacity.
type Resource struct {
	Transient bool  // a moving process takes it at both ends
	Weight    int64 // of a unit used above the safe capacity
}

// Machine is where processes run.
type Machine struct {
	Neighbourhood, Location int
	Capacity, Safe          []int64 // by resource
}

// Service is a set of processes.
type Service struct {
	Spread int   // least number of locations
	Needs  []int // services that must have a process in each neighbourhood where this one has
}

// Process is what is assigned to a machine.
type Process struct {
	Service  int
	Demand   []int64 // by resource
	MoveCost int64
}

// Balance wants Ratio units of resource Against free for each free unit of Of.
type Balance struct {
	Of, Against   int
	Ratio, Weight int64
}

// MoveCost is what moving anything from one machine to another costs.
func (m *Model) MoveCost(from, to int) int64 { return m.moves.at(from*len(m.Machines) + to) }

// Limits of what is read: twenty times what the challenge allows, five times for machines, whose number goes into memory
// squared.
const (
	mostResources = 400
	mostMachines  = 25_000
	mostServices  = 1_000_000
	mostProcesses = 1_000_000
	mostBalances  = 200
)

// ReadModel reads a model, gzipped or not. What is wrong with it comes back with its line and wraps [ErrFormat].
// O(numbers) in time; the memory is that of the model.
func ReadModel(name string, r io.Reader) (*Model, error) {
	n, err := open(name, r)
	if err != nil {
		return nil, err
	}
	m := &Model{}
	for range n.next("number of resources", mostResources) {
		m.Resources = append(m.Resources, Resource{Transient: n.next("mark of a transient resource", 1) == 1, Weight: n.next("weight of a load cost", math.MaxInt64)})
	}
	m.readMachines(n)
	m.readServices(n)
	m.readProcesses(n)
	m.readBalances(n)
	m.ProcessMove = n.next("weight of process moves", math.MaxInt64)
	m.ServiceMove = n.next("weight of service moves", math.MaxInt64)
	m.MachineMove = n.next("weight of machine moves", math.MaxInt64)
	if err := n.end(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Model) readMachines(n *numbers) {
	count := int(n.next("number of machines", mostMachines))
	for len(m.Machines) < count && n.err == nil {
		m.Machines = append(m.Machines, Machine{
			Neighbourhood: int(n.next("neighbourhood of a machine", math.MaxInt32)),
			Location:      int(n.next("location of a machine", math.MaxInt32)),
			Capacity:      n.list(len(m.Resources), "capacity of a machine", math.MaxInt64),
			Safe:          n.list(len(m.Resources), "safe capacity of a machine", math.MaxInt64),
		})
		for to := 0; to < count && n.err == nil; to++ {
			m.moves.add(n.next("cost of moving between machines", math.MaxInt64))
		}
	}
}

func (m *Model) readServices(n *numbers) {
	count := int(n.next("number of services", mostServices))
	for len(m.Services) < count && n.err == nil {
		s := Service{Spread: int(n.next("spread of a service", math.MaxInt32))}
		for range n.next("number of dependencies of a service", mostServices) {
			if n.err != nil {
				return
			}
			s.Needs = append(s.Needs, int(n.next("service that another depends on", int64(count-1))))
		}
		m.Services = append(m.Services, s)
	}
}

func (m *Model) readProcesses(n *numbers) {
	count := int(n.next("number of processes", mostProcesses))
	if count > 0 && len(m.Services) == 0 {
		n.fail("there are processes, but no services")
	}
	for len(m.Processes) < count && n.err == nil {
		m.Processes = append(m.Processes, Process{
			Service:  int(n.next("service of a process", int64(len(m.Services)-1))),
			Demand:   n.list(len(m.Resources), "demand of a process", math.MaxInt64),
			MoveCost: n.next("move cost of a process", math.MaxInt64),
		})
	}
}

func (m *Model) readBalances(n *numbers) {
	count := int(n.next("number of balance costs", mostBalances))
	if count > 0 && len(m.Resources) == 0 {
		n.fail("there are balance costs, but no resources")
	}
	last := int64(len(m.Resources) - 1)
	for len(m.Balances) < count && n.err == nil {
		m.Balances = append(m.Balances, Balance{
			Of:      int(n.next("first resource of a balance cost", last)),
			Against: int(n.next("second resource of a balance cost", last)),
			Ratio:   n.next("target of a balance cost", math.MaxInt64),
			Weight:  n.next("weight of a balance cost", math.MaxInt64),
		})
	}
}

// ReadAssignment reads the machine of each process, gzipped or not.
func (m *Model) ReadAssignment(name string, r io.Reader) ([]int, error) {
	n, err := open(name, r)
	if err != nil {
		return nil, err
	}
	if len(m.Machines) == 0 && len(m.Processes) > 0 {
		return nil, fmt.Errorf("%s: %w: there are no machines", name, ErrFormat)
	}
	on := make([]int, 0, len(m.Processes))
	for len(on) < len(m.Processes) && n.err == nil {
		on = append(on, int(n.next(fmt.Sprintf("machine of process %d", len(on)), int64(len(m.Machines)-1))))
	}
	if err := n.end(); err != nil {
		return nil, err
	}
	return on, nil
}
