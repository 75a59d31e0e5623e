// Package synthetic makes networks and placement problems of any size from a seed alone, for measuring. Same arguments,
// same output; golden digests stand in the tests. Nothing in them describes a real network: cities lie where they lie
// and distances are those of the map, everything else is drawn.
package synthetic
