// Package policy judges, in Rego, whether a workload may live on a site and whether its data may travel a way.
//
// A [Set] is compiled from Rego modules and data documents with [Load]; it fills placement's Admission and Transit.
// Modules declare rules named deny, prefer and transit in packages below domicile, see the guide in this folder. They
// run in a sandbox: no network, no clock, no randomness, strict mode, a deadline per evaluation. Whatever goes wrong
// while judging denies.
package policy
