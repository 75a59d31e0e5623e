# METADATA
# title: Warenhaus
# description: A shop that does not want its figures on the machines of a rival.
package domicile.tenant.warenhaus.rivals

# METADATA
# title: Not with a rival in retail
# custom:
#   code: WAR-001
#   basis: "decision of the tenant's board (assumed)"
#   as_of: "2026-11"
deny contains {"rival": holding.owner, "message": message} if {
	some holding in input.provider.control
	holding.owner == "amazon"
	holding.controls
	message := sprintf("%s controls the provider and is a rival in retail", [holding.owner])
}
