# METADATA
# title: Accelerators
# description: |
#   Whether a site's accelerators are those that a workload can use. How many there are is a matter of capacity. Reads from the site's attributes:
#   gpuModel; from the workload's: gpuModels (a list), gpuMemoryGiB.
package domicile.packs.accelerators

# METADATA
# title: The accelerator is of a model that the workload runs on
# custom:
#   code: ACC-001
#   basis: "demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"gpuModel": have, "wanted": wanted, "message": message} if {
	wanted := input.workload.attributes.gpuModels
	not model_listed
	have := object.get(input.site.attributes, "gpuModel", "not stated")
	message := sprintf("the workload runs on %v; the site's gpuModel: %v", [wanted, have])
}

# METADATA
# title: A device holds what the workload needs in memory
# custom:
#   code: ACC-002
#   basis: "demand of the workload's owner; table accelerators"
#   as_of: "2026-11"
deny contains {"needGiB": need, "haveGiB": memory, "gpuModel": have, "message": message} if {
	need := input.workload.attributes.gpuMemoryGiB
	not roomy
	have := object.get(input.site.attributes, "gpuModel", "not stated")
	memory := object.get(data.domicile.tables.accelerators.values.memoryGiB, have, "unknown")
	message := sprintf("the workload needs %v GiB in one device; a device of the site (%v) has: %v", [need, have, memory])
}

# METADATA
# title: Accelerators are kept for those who need them
# custom:
#   code: ACC-101
#   basis: "operator's choice"
#   as_of: "2026-11"
prefer contains {"points": data.domicile.tables.accelerators.values.sparePoints, "because": "leaves sites with accelerators to work that needs them"} if {
	object.get(input.workload.demand, "gpu", 0) == 0
	not input.site.attributes.gpuModel
}

model_listed if {
	is_array(input.workload.attributes.gpuModels)
	input.site.attributes.gpuModel in input.workload.attributes.gpuModels
}

roomy if {
	is_number(input.workload.attributes.gpuMemoryGiB)
	data.domicile.tables.accelerators.values.memoryGiB[input.site.attributes.gpuModel] >= input.workload.attributes.gpuMemoryGiB
}
