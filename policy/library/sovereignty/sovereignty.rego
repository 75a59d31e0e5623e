# METADATA
# title: Sovereignty levels
# description: |
#   The Commission's Cloud Sovereignty Framework: a least SEAL per objective as a gate, the weighted score as a wish, and where the staff sits
#   that can reach data. Reads from the workload's attributes: seal, {SOV-n: least level}.
package domicile.packs.sovereignty

import data.domicile.lib.demand
import data.domicile.lib.geo

# METADATA
# title: The least SEAL that the class of data demands is reached
# custom:
#   code: SOV-001
#   basis: "Commission Cloud Sovereignty Framework 1.2.1, minimum SEAL"
#   as_of: "2026-11"
deny contains {"class": class, "objective": objective, "least": least, "level": level, "message": message} if {
	class := input.workload.data
	some objective, least in demand.want(class, "seal")
	not reached(objective, least)
	level := stated(objective)
	message := sprintf("%q data demands SEAL-%v in %s; the provider's level: %v", [class, least, title(objective), level])
}

# METADATA
# title: The least SEAL that the workload demands is reached
# custom:
#   code: SOV-002
#   basis: "Commission Cloud Sovereignty Framework 1.2.1, minimum SEAL; demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"objective": objective, "least": least, "level": level, "message": message} if {
	some objective, least in input.workload.attributes.seal
	not reached(objective, least)
	level := stated(objective)
	message := sprintf("the workload demands SEAL-%v in %s; the provider's level: %v", [least, title(objective), level])
}

# METADATA
# title: Demands of SEAL are levels of known objectives
# custom:
#   code: SOV-003
#   basis: "table data-classes; demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"demand": wanted, "message": message} if {
	some wanted in demands
	not well_formed(wanted)
	message := sprintf("a demand of SEAL must map objectives SOV-1 to SOV-8 to levels 0 to 4; it is %v", [wanted])
}

# METADATA
# title: Data can be reached only from countries that the class allows
# custom:
#   code: SOV-004
#   basis: "Commission Cloud Sovereignty Framework, SOV-4; GDPR Art. 44: remote access is a transfer"
#   as_of: "2026-11"
deny contains {"class": class, "group": group, "supportFrom": from, "message": message} if {
	class := input.workload.data
	group := demand.want(class, "support")
	group != "any"
	not supported_from(group)
	from := object.get(input.provider.attributes, "supportFrom", "not stated")
	message := sprintf("staff that can reach %q data must sit in %s; the provider's supportFrom: %v", [class, geo.words(group), from])
}

# METADATA
# title: Sovereignty score
# custom:
#   code: SOV-101
#   basis: "Commission Cloud Sovereignty Framework 1.2.1, weighted score"
#   as_of: "2026-11"
prefer contains {"points": points, "because": because} if {
	values := data.domicile.tables.sovereignty.values
	score := sum([part |
		some objective, weight in values.weights
		part := weight * input.provider.sovereignty[objective]
	])
	full := sum([weight | some weight in values.weights]) * values.levels
	points := floor((score * values.fullPoints) / full)
	points > 0
	because := sprintf("weighted sovereignty score %v %%", [floor((score * 100) / full)])
}

supported_from(group) if geo.all_inside(group, input.provider.attributes.supportFrom)

demands contains demand.want(input.workload.data, "seal")

demands contains input.workload.attributes.seal

reached(objective, least) if input.provider.sovereignty[objective] >= least

stated(objective) := object.get(input.provider.sovereignty, objective, "unknown")

title(objective) := sprintf("%s (%s)", [objective, object.get(data.domicile.tables.sovereignty.values.titles, objective, "no such objective")])

well_formed(wanted) if {
	is_object(wanted)
	every objective, least in wanted {
		data.domicile.tables.sovereignty.values.weights[objective]
		is_number(least)
		least >= 0
		least <= data.domicile.tables.sovereignty.values.levels
	}
}
