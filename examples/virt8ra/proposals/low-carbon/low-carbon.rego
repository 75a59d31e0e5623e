# METADATA
# title: A proposal, to see what it would do
# description: |
#   go run ./examples/virt8ra -what-if policies+=examples/virt8ra/proposals/low-carbon
package domicile.continuum.low_carbon

# METADATA
# title: No electricity above 500 g/kWh
# custom:
#   code: LOW-001
#   basis: "draft decision of the members (assumed)"
#   as_of: "2026-11"
deny contains {"intensity": object.get(input.site.energy, "intensity", "not stated"), "message": message} if {
	not clean
	message := sprintf("%v g/kWh on the grid of the site, 500 are allowed", [object.get(input.site.energy, "intensity", "unknown")])
}

clean if input.site.energy.intensity <= 500
