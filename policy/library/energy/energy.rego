# METADATA
# title: Energy
# description: |
#   Limits on the carbon intensity of a site's electricity. Reads from the workload's attributes: maxIntensity, in gCO2e/kWh.
package domicile.packs.energy

# METADATA
# title: The electricity is as clean as the workload demands
# custom:
#   code: ENE-001
#   basis: "demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"intensity": have, "limit": limit, "message": message} if {
	limit := input.workload.attributes.maxIntensity
	not clean
	have := input.site.energy.intensity
	message := sprintf("the workload allows %v gCO2e/kWh; the site's electricity has %v (0: not stated)", [limit, have])
}

# METADATA
# title: Clean electricity
# custom:
#   code: ENE-101
#   basis: "operator's choice"
#   as_of: "2026-11"
prefer contains {"points": data.domicile.tables.energy.values.points, "because": because} if {
	stated
	input.site.energy.intensity < data.domicile.tables.energy.values.low
	because := sprintf("the site's electricity has %v gCO2e/kWh", [input.site.energy.intensity])
}

stated if input.site.energy.intensity > 0

clean if {
	stated
	is_number(input.workload.attributes.maxIntensity)
	input.site.energy.intensity <= input.workload.attributes.maxIntensity
}
