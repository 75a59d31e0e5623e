// Package opennebula is Domicile as a scheduler of OpenNebula 7: what its drivers place and optimize read and write, and how
// that is said to package placement.
//
// [Read] reads the document that oned hands over, [Decide] decides, [WritePlan] writes the plan. Program
// cmd/domicile-opennebula is the driver.
//
// The unit of decision is the host: hosts are sites, virtual machines are workloads.
package opennebula
