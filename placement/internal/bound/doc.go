// Package bound proves lower bounds on the tiers of a compiled problem by Lagrangian relaxation.
//
// The capacity of sites, and the demand that earlier tiers be as good as they are, are relaxed and priced; terms that are
// convex in the use of a site are replaced by a tangent, which is a price as well ([Slope]). What is left falls apart into
// items, each of which takes its cheapest site:
//
//	L(y, z, m) = sum over items of min( min over sites s of c_k(s) + sum_t m_t c_t(s) + sum_d p_sd demand_d ; cost of leaving out )
//	             - sum y_sd capacity_sd - sum z_j level_j - sum_t m_t V_t     with p = y + what the terms count, z, of each unit
//
// bounds tier k from below for any prices y, m >= 0 and any z in its box, whoever found them (Geoffrion, Lagrangean
// relaxation for integer programming, 1974). Where flows join the parts of an application, trees of parts can take the
// place of items: their flows cost at least the price of sending from a site, which leaves O(sites) a part to look at.
// Other coupled costs are at least zero and count as zero.
//
// [Climb] looks for good prices by a projected subgradient method with Polyak steps in floating point: climber drives, and
// oracle says what is cheapest at given prices. [Exact] evaluates L in integers, and nothing but that is ever reported.
//
// [Settle] makes an assignment from such prices, to start a search from.
package bound
