// Package estimate guesses the round trips that nobody measured, from those that somebody did and from where the places
// stand, and says how far each guess may be off.
//
// An [Estimator] is fitted once, to a [Problem], and is a value: [Estimator.Observe] returns a new version that shares what
// did not change. It serves as latency.Options.Estimator: a graph then answers for pairs that have neither an observation nor
// a route, and marks the answer as estimated. Bounds are held to the upper end of the interval.
//
// # Method
//
// Five families of models are fitted to the logarithm of the measured round trips, robustly: points in a plane with a height
// (Dabek et al. 2004), points in five dimensions with a height and a table of low rank on top, the same begun from where the
// places stand on Earth, factors of the matrix (Liao et al. 2013, DMFSGD), and a curve over the distance that bends the prior
// of 2.1 x km x 9.8 us + 1 ms. The guess is their geometric mean. Its weights are learnt on pairs held out in ten parts.
//
// The interval is conformal: the errors on held-out pairs are divided by a size that grows with the disagreement of the
// families and the noise of both places, and each end takes in its share of them. So about [Options].Coverage of all pairs
// like the measured ones lie inside, and half of the rest above it; this is a promise about the pairs together, not about each.
//
// What a pair gets is its [Basis]. A place with fewer than three measured pairs, a pair whose ends no measured pairs connect,
// and a world of fewer than 60 measured pairs get a guess by distance, with an interval of its own, if both places are
// located; without any measurement the prior. Else the pair stays unknown.
//
// # Cost
//
// Fitting is O(rounds x pairs x dimensions) for the descents, with at most 2 x 10^7 visits of pairs each, and O(pairs x 100 +
// places x 1000) per round of the factors, eleven times over: about 3 s of CPU for 7,000 pairs. With more than some 100,000
// the descents get fewer rounds. An estimate is O(100). Randomness is a seed; same input, options and seed, same numbers,
// whatever the order of the input.
package estimate
