// Package opennebula is Domicile as a scheduler of OpenNebula 7: what its drivers place and optimize read and write, and how
// that is said to package placement.
//
// [Read] reads the document that oned hands over, [Decide] decides, [WritePlan] writes the plan, and [CheckPlan] judges plans
// of anybody without sharing code with what makes them. Program cmd/domicile-opennebula is the driver; the README beside this
// says how to install and configure it.
//
// # How it is asked
//
// Hosts are sites and virtual machines are workloads. What oned lists for a VM (hosts, with datastores and networks of the same
// cluster) is a rule, VM groups are affinities and conflicts, and what stays where it is takes room of its host and is a
// workload without demand, so that groups see it. Which system datastore and which networks a VM gets is chosen after its host,
// and where they do not go round the pair of VM and host is ruled out and the whole is asked again, five times at most.
//
// # What is balanced
//
// The greatest load of any host, as OneDRS does: the weighted mean over measured CPU, requested CPU and memory of the greatest
// share in use. That is no term of placement, but use above what a site takes with ease is. So a level is aimed at, first the
// one that is proven to be the least, then ones between that and what was reached. The proof takes a few lines: room in
// multiples of what demands have in common, the largest VM on the host where it weighs least, and what hosts hold already.
//
// Where ONE_DRS says pack, an optimization empties hosts instead: nobody comes there, and who is there should leave.
//
// # What is executed
//
// oned runs the actions of a plan side by side, checks no capacity for migrations and takes nothing back. So only the first wave
// of what leads to the target goes out: every host has room for all that comes beside all that is there, nobody meets whom he
// must not meet, and no affined set is on more hosts than before, whichever actions come true. The rest follows from the next
// document.
package opennebula
