// Package topology describes what exists in a computing continuum: sites where workloads can run, the providers that
// operate them and who owns those providers, access points where demand enters, exchanges where networks meet, and the
// links between them.
//
// A [Continuum] is an immutable value. [New] builds one from a [Spec], [Read] from a YAML or JSON file, and
// [Continuum.Update] makes a new version that shares structure with the old one, so that a what-if costs next to
// nothing and an old version stays valid for as long as anybody holds it.
//
// # Units
//
// Quantities are integers in base units: CPU in milli-cores, memory and disk in bytes, bandwidth in bit/s, latency and
// durations in microseconds ([Micros]), money in micro-euro ([MicroEUR]), emissions in milligrams of CO2 equivalent.
// Latency is round-trip unless the name says one-way. Files use the suffixes people know: "500m", "64", "256Gi",
// "10Gbit/s", "12.5ms".
//
// # Bad input
//
// New, Update and Read check everything they are given and report every defect at once, joined with [errors.Join];
// each defect names the file, line and field where it stands and wraps [ErrInvalid].
package topology
