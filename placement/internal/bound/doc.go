// Package bound proves lower bounds on the tiers of a compiled problem by Lagrangian relaxation.
//
// The capacity of sites, and the demand that earlier tiers be as good as they are, are relaxed and priced. What is left
// falls apart into items, each of which takes its cheapest site:
//
//	L(y, m) = sum over items of min( min over sites s of c_k(s) + sum_t m_t c_t(s) + sum_d y_sd demand_d ; cost of leaving out )
//	          - sum y_sd capacity_sd - sum_t m_t V_t
//
// bounds tier k from below for any prices y, m >= 0, whoever found them (Geoffrion, Lagrangean relaxation for integer
// programming, 1974). Coupled costs are at least zero and count as zero. [Climb] looks for good prices by a projected
// subgradient method with Polyak steps in floating point; [Exact] evaluates L in integers, and nothing but that is
// ever reported.
package bound
