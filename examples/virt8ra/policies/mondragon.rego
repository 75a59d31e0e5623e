# METADATA
# title: MONDRAGON
# description: The cooperative's edge site in Arrasate serves the factories around it first.
package domicile.owner.mondragon.admission

# METADATA
# title: Accelerators for the region's own work
# custom:
#   code: MON-001
#   basis: "decision of the cooperative (assumed)"
#   as_of: "2026-11"
deny contains {"home": home, "message": message} if {
	object.get(input.workload.demand, "gpu", 0) > 0
	not input.workload.attributes.home == "ES"
	home := object.get(input.workload.attributes, "home", "not stated")
	message := sprintf("the site lends its accelerators only to work at home in ES; the workload's home: %v", [home])
}
