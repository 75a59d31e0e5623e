// Package report shows decisions to people: as text for a terminal and as one self-contained HTML page with a map of
// sites and placements, the refusals with their reasons, the costs and the timeline of a migration.
//
// It computes nothing that decides: every number comes from placement, migrate or policy.
package report
