# METADATA
# title: Goierri Industria
# description: A tenant's own demands. They hold for its workloads only, whatever the class of data.
package domicile.tenant["goierri-industria"].suppliers

import data.domicile.lib.control

# METADATA
# title: Suppliers under European control
# custom:
#   code: GOI-001
#   basis: "purchasing rules of the tenant (assumed)"
#   as_of: "2026-11"
deny contains {"control": outside, "message": message} if {
	outside := control.outside("eea", input.provider.country, input.provider.control)
	count(outside) > 0
	message := sprintf("Goierri buys from companies under European control; control lies with %s", [control.words(outside)])
}
