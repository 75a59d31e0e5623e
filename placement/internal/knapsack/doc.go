// Package knapsack proves lower bounds on a tier of a compiled problem by relaxing that every item is placed once, and
// keeping the capacity of each site whole in one dimension.
//
// Every item i has a price u_i of any sign, every site a [Model] dimension; the other dimensions and the earlier tiers are
// priced as in package bound. What is left falls apart into the sites, each of which fills its capacity as it pays most:
//
//	B(u) = sum over items of min(u_i, cost of leaving i out) - sum over sites of V_s(u) - sum_d y_sd capacity_sd - sum_t m_t V_t
//	V_s(u) = max over sets S of admissible items that fit in the dimension of s of sum over S of u_i - cost_is
//
// bounds the tier from below for all u and all y, m >= 0, and is never worse than relaxing the capacities (Fisher, Jaikumar
// and Van Wassenhove, A multiplier adjustment method for the generalized assignment problem, 1986). [Model.Solve] climbs to
// good u, hunts for assignments, and closes what gap remains on small problems by branch and bound with the same relaxation
// at every node. Values are integers in 2^-Bits of a unit of the tier throughout, and
// whatever is rounded is rounded so that the bound falls.
package knapsack
