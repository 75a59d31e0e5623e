package roadef

// challengeCost is the cost of an assignment by the challenge's own formulas, and whether its rules allow it.
func challengeCost(m *Model, initial, on []int) (cost int64, allowed bool) {
	allowed = true
	use, during := make([][]int64, len(m.Machines)), make([][]int64, len(m.Machines))
	for k := range use {
		use[k], during[k] = make([]int64, len(m.Resources)), make([]int64, len(m.Resources))
	}
	moved := make([]int64, len(m.Services))
	type place struct{ service, at int }
	on1, locations, neighbourhoods := map[place]int{}, map[place]bool{}, map[place]bool{}
	for i, k := range on {
		p, machine := &m.Processes[i], &m.Machines[k]
		for r, amount := range p.Demand {
			use[k][r] += amount
			if k != initial[i] && m.Resources[r].Transient {
				during[initial[i]][r] += amount
			}
		}
		on1[place{p.Service, k}]++
		allowed = allowed && on1[place{p.Service, k}] == 1
		locations[place{p.Service, machine.Location}] = true
		neighbourhoods[place{p.Service, machine.Neighbourhood}] = true
		if k != initial[i] {
			moved[p.Service]++
			cost += m.ProcessMove*p.MoveCost + m.MachineMove*m.MoveCost(initial[i], k)
		}
	}
	for k := range m.Machines {
		machine := &m.Machines[k]
		for r, resource := range m.Resources {
			allowed = allowed && use[k][r]+during[k][r] <= machine.Capacity[r]
			cost += resource.Weight * max(0, use[k][r]-machine.Safe[r])
		}
		for _, b := range m.Balances {
			cost += b.Weight * max(0, b.Ratio*(machine.Capacity[b.Of]-use[k][b.Of])-(machine.Capacity[b.Against]-use[k][b.Against]))
		}
	}
	most := int64(0)
	for s, service := range m.Services {
		most = max(most, moved[s])
		count := 0
		for where := range locations {
			if where.service == s {
				count++
			}
		}
		allowed = allowed && count >= service.Spread
		for where := range neighbourhoods {
			for _, other := range service.Needs {
				allowed = allowed && (where.service != s || neighbourhoods[place{other, where.at}])
			}
		}
	}
	return cost + m.ServiceMove*most, allowed
}
