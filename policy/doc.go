// Package policy judges, in Rego, whether a workload may live on a site and whether its data may travel a way.
//
// A [Set] is compiled from Rego modules and tables with [Load]; it fills placement's Admission and Transit. Modules declare
// rules named deny, prefer and transit in packages below domicile, see the guide in this folder. The continuum, the
// workload's tenant and the site's owner speak, each in packages of its own, and every reason names the rule's code, title,
// legal basis, file and line.
//
// # Sandbox
//
// Modules are compiled without the builtins that reach the network, the clock, the machine or chance, in strict mode,
// and against the schema of their input, so that a forbidden call or a misspelt path is an error with its line. So is a
// reference to a table or rule that does not exist, of which Rego would make a rule that never holds. Files are limited in
// size, number and nesting.
//
// Memory is limited too: every builtin is called through a guard that bounds what goes in and what comes out, to values of 4 MiB, a
// hundred thousand parts and numbers of a thousand digits, and all that one evaluation makes to 128 MiB. What is larger is an error
// with its line.
//
// # Bundles
//
// A source may be an OPA bundle, signed with one of the caller's keys ([BundleKeys]): then every file of it is as it was signed, and
// none is missing or more. It is unpacked within the same limits, before anything of it is parsed. [Live] changes what is in
// force while a program runs; what is broken never gets there.
//
// # Fail closed
//
// Whatever goes wrong while judging denies: a rule that fails, does not end or yields something of another form gives a
// reason with code POLICY-ERROR, one that rests on a table past its last day TABLE-EXPIRED. Such a wish gives nothing in the
// second case and denies in the first. What nobody names may not be crossed by restricted data: TRANSIT-UNKNOWN.
//
// # Once per class
//
// Every rule is asked by itself. An analysis of the compiled rule finds which paths of the input it can see; workloads with the same
// values there are one class to it, and so are sites, and it is asked once for each pair of classes. A rule
// that sees the whole input is asked for every pair; [Set.Lint] names it and the line. Answers are kept across calls, days and versions
// of the continuum, within a limit of memory; no answer depends on what is kept. A [Screen] holds them as bits over a list of sites.
package policy
