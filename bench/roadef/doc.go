// Package roadef is the suite on Google's machine reassignment problem, the subject of the ROADEF/EURO challenge of 2012:
// processes of services run on machines and may move, so that machines are loaded safely and evenly and few things move.
//
// [ReadModel] and [ReadAssignment] read the challenge's files, gzipped or not. [Model.Problem] says the same as a
// [placement.Problem], term for term:
//
//	process                              workload of one application
//	service                              component
//	machine, its safety capacities       site, its Safe
//	resource                             dimension r0, r1, ...; a transient one is in Problem.Transient
//	location, neighbourhood              labels of the site
//	one process of a service a machine   Conflict over sites, at most 1
//	spread of a service                  Spread over locations
//	dependency between services          Affinity over neighbourhoods
//	load cost                            Excess, one term a resource
//	balance cost                         Balance, one term a triple
//	process, service, machine move cost  Moves, GroupMoves, Relocation
//
// The engine's terms of moving are spread over the 720 hours of a month; weights are taken 720 times, so that nothing is
// rounded and a value is the challenge's cost to the unit. [WriteAssignment] writes the challenge's answer.
package roadef
