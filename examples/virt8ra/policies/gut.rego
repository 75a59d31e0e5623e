# METADATA
# title: Gdansk University of Technology
# description: What the university allows on its own machines.
package domicile.owner.gut.admission

# METADATA
# title: Research only
# custom:
#   code: GUT-001
#   basis: "statutes of the university (assumed)"
#   as_of: "2026-11"
deny contains {"purpose": purpose, "message": message} if {
	not input.workload.attributes.purpose == "research"
	purpose := object.get(input.workload.attributes, "purpose", "not stated")
	message := sprintf("the university's machines are for research; the workload's purpose: %v", [purpose])
}
