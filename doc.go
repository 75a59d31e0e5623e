// Package domicile is the manual of a library that decides where workloads may live, where they live best, and how to get
// them there safely, across a computing continuum of many providers and countries: 5G cell towers, edge sites, data
// centres, clouds. The code stands in the packages below; this page says how they belong together.
//
// # What it answers
//
//   - Where does everything run, at what price, and how far is that from the best there is? Package placement solves, and
//     gives for every tier of the objective a value, a proven lower bound and the gap between them.
//   - May it? Package policy judges in Rego, with the code, title and legal basis of every rule that says no, and the
//     file and line where it says so.
//   - Which way does its data travel? Package latency finds the shortest way through a network of links with latency
//     distributions, and the shortest that stays within what a class of data may cross.
//   - Why here, why not there, what would it take? placement explains an answer without solving again, compares two
//     answers, and names the smallest conflict and the cheapest ways out where something cannot be placed.
//   - How do we get there, and back? Package migrate orders moves so that capacity and promises hold at every moment, within
//     windows, deadlines and disruption budgets; drains, rebalances, and plans the exit from a provider with its legal clock
//     and bill. Package migrate/execute carries plans out, on whatever can fail.
//
// # The packages
//
//	topology    what exists: sites, providers and who owns them, access points, exchanges, links
//	latency     how far apart: the graph, routes, percentiles, observations, what traffic may cross
//	placement   where: problem, solve, check, explain, relax; reads applications
//	policy      may it: Rego sovereignty and residency, a library of ready packs
//	migrate     how to get there: ordered, timed, reversible plans; drain; rebalance; exit; execute
//	adapters    the same for people (cli, report), for OpenNebula and, in modules of their own, for Kubernetes
//	bench       outside yardsticks
//
// Imports go down only: latency sees topology; placement sees both; policy and migrate see those three and not each other;
// adapters see everything and nothing sees them. deps_test.go enforces it and gives the reasons.
//
// # The natural way through
//
//	continuum.yaml, apps.yaml, *.rego
//	      |  topology.Read, placement.ReadApplications, policy.Load
//	      v
//	Continuum ----> latency.Graph ----> placement.Problem <---- policy.Set
//	                                          |
//	                                    placement.Solve ----> Result
//	                                          |                  |  Check, VerifyBounds, Why, WhyNot, Diff, Relax
//	                                          v
//	                                    migrate.Order, Drain, Rebalance, Exit ----> Plan
//	                                                             |  Replay, Reverse, execute.Run
//	                                                             v
//	                                                       report, cli
//
// Every step takes a problem and options and returns a result; nothing is registered, nothing runs in the background. The
// example below the packages is the whole way in thirty lines; examples/virt8ra is the same on fifty sites.
//
// # What holds everywhere
//
// Snapshots are values. A continuum never changes; topology.Continuum.Update makes a new version that shares structure with
// the old one. What-if is an ordinary solve on another version.
//
// Time is an input. The continuum's AsOf, or Problem.AsOf where it is set, is the only now: the age of measurements and the
// expiry of tables and certifications are judged against it. The core reads no clock.
//
// Answers are exact and repeatable. Quantities are integers in base units: milli-cores, bytes, bit/s, microseconds,
// micro-euro per hour, milligrams of CO2 equivalent. Sums that would overflow are errors. The same input, options and seed
// give the same bytes, whatever the machine's load; budgets count steps, and a context can end a search early with the best
// answer so far. This is promised per GOARCH.
//
// What is unknown is refused. A policy that fails to evaluate, a measurement that is too old, a link whose operator nobody
// declared, a certification without a date, a table past its date: none of them ever satisfies a hard requirement.
//
// Nobody marks their own homework. placement.Check judges assignments and placement.VerifyBounds the bounds; migrate.Replay
// judges plans. They share no code with what they check, and the tools run them on every answer before they print it.
//
// "Cannot be placed" is a result, with reasons. Errors are for malformed input, and they name the file, line and field of
// every defect at once.
//
// Nothing is called compliant. Rules check stated facts against stated tables, each with a date and a source.
//
// # Files
//
// Files are YAML or JSON with apiVersion domicile.eu/v1alpha1 and a kind: Continuum, Observations, Applications, PolicyTable,
// PolicyPacks, MigrationOptions. Each has a JSON Schema beside its reader (topology.Schema and so on). Quantities are written as people know
// them: 500m, 64, 256Gi, 10Gbit/s, 12.5ms; money is EUR, emissions gCO2e, coordinates decimal degrees, countries ISO 3166-1
// alpha-2, time RFC 3339.
//
// # Replicas
//
// A component with n replicas becomes n workloads, application/component-1 to -n. A flow holds for each of them: each must
// meet the bound, and the rate is divided among them. Users who are spread over a country are best written as one component
// per region.
//
// # Extending
//
// What judges a single pair of workload and site is open: implement placement.Admission for verdicts with reasons,
// placement.Rule for a constraint or a cost of your own, placement.Transit for ways. What couples workloads is a closed list
// that the solver knows by heart: see placement.Constraint and placement.TermKind.
package domicile
