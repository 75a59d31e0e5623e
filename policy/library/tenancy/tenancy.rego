# METADATA
# title: Tenancy
# description: |
#   Who shares a machine and who can lay hands on it. Reads from the site's attributes: exclusiveTenant, dedicatedHosts, physicalAccess, vran;
#   from the workload's: isolation ("dedicated-host" or "shared").
package domicile.packs.tenancy

import data.domicile.lib.demand
import data.domicile.lib.ladder

# METADATA
# title: A reserved site runs only its tenant's work
# custom:
#   code: TEN-001
#   basis: "contract with the site's tenant"
#   as_of: "2026-11"
deny contains {"reservedFor": reserved, "tenant": tenant, "message": message} if {
	not open_to_tenant
	reserved := object.get(input.site.attributes, "exclusiveTenant", "nobody")
	tenant := input.workload.tenant
	message := sprintf("the site is reserved for %v; the workload is %s's", [reserved, tenant])
}

# METADATA
# title: A workload that wants a host to itself gets one
# custom:
#   code: TEN-002
#   basis: "demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"isolation": isolation, "message": message} if {
	isolation := input.workload.attributes.isolation
	isolation != "shared"
	not dedicated(isolation)
	message := sprintf("the workload's isolation is %v, which the site does not state to offer", [isolation])
}

# METADATA
# title: Nobody lays hands on the machine more easily than the class of data allows
# custom:
#   code: TEN-003
#   basis: "GDPR Art. 32(1)(b); ISO/IEC 27001 Annex A, physical security"
#   as_of: "2026-11"
deny contains {"class": class, "least": least, "physicalAccess": have, "message": message} if {
	class := input.workload.data
	least := demand.want(class, "access")
	least != "public"
	not access_reaches(least)
	have := object.get(input.site.attributes, "physicalAccess", "not stated")
	message := sprintf("%q data demands a site that is at least %s; its physicalAccess: %v", [class, least, have])
}

# METADATA
# title: A guest leaves the radio network its processors
# custom:
#   code: TEN-004
#   basis: "operator's choice: a virtual radio network on the same machines has hard deadlines"
#   as_of: "2026-11"
deny contains {"milliCPU": wanted, "limitMilliCPU": limit, "message": message} if {
	not leaves_room
	wanted := object.get(input.workload.demand, "cpu", 0)
	limit := data.domicile.tables.facilities.values.vranGuestCPU
	message := sprintf("the site runs a radio network and takes guests of up to %v cores; the workload wants %v", [limit / 1000, wanted / 1000])
}

# A site that names no tenant is open to all, and one that states no radio network has none.
open_to_tenant if not input.site.attributes.exclusiveTenant

open_to_tenant if input.site.attributes.exclusiveTenant == input.workload.tenant

leaves_room if not input.site.attributes.vran

leaves_room if object.get(input.workload.demand, "cpu", 0) <= data.domicile.tables.facilities.values.vranGuestCPU

access_reaches(least) if ladder.reaches(data.domicile.tables.facilities.values.access, input.site.attributes.physicalAccess, least)

dedicated("dedicated-host") if input.site.attributes.dedicatedHosts == true
