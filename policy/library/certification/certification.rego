# METADATA
# title: Certification
# description: |
#   Attestations that a class of data or a workload demands, on the ladders of table certifications. Reads from the workload's
#   attributes: certifications, a list of {scheme, level}. Certificates past their date are not in the input.
package domicile.packs.certification

import data.domicile.lib.demand
import data.domicile.lib.ladder

# METADATA
# title: The certificates that the class of data demands are held
# custom:
#   code: CERT-001
#   basis: "table data-classes; GDPR Art. 28(1) and 28(5)"
#   as_of: "2026-11"
deny contains {"class": class, "scheme": wanted.scheme, "level": wanted.level, "held": held, "message": message} if {
	class := input.workload.data
	some wanted in demand.want(class, "certifications")
	not ladder.holds(input.site.certifications, wanted.scheme, wanted.level)
	held := ladder.held(input.site.certifications, wanted.scheme)
	message := sprintf("%q data demands %s; held and valid: %s", [class, ladder.words(wanted.scheme, wanted.level), held])
}

# METADATA
# title: The certificates that the workload demands are held
# custom:
#   code: CERT-002
#   basis: "demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"scheme": wanted.scheme, "level": wanted.level, "held": held, "message": message} if {
	some wanted in input.workload.attributes.certifications
	not ladder.holds(input.site.certifications, wanted.scheme, wanted.level)
	held := ladder.held(input.site.certifications, wanted.scheme)
	message := sprintf("the workload demands %s; held and valid: %s", [ladder.words(wanted.scheme, wanted.level), held])
}

# METADATA
# title: What certificates the class of data demands is a list of schemes and levels
# custom:
#   code: CERT-003
#   basis: "table data-classes"
#   as_of: "2026-11"
deny contains {"class": class, "demand": wanted, "message": message} if {
	class := input.workload.data
	wanted := demand.want(class, "certifications")
	not well_formed(wanted)
	message := sprintf("the table of data classes must list {scheme, level} of known schemes for %q data; it says %v", [class, wanted])
}

# METADATA
# title: What certificates the workload demands is a list of schemes and levels
# custom:
#   code: CERT-004
#   basis: "demand of the workload's owner"
#   as_of: "2026-11"
deny contains {"demand": wanted, "message": message} if {
	wanted := input.workload.attributes.certifications
	not well_formed(wanted)
	message := sprintf("the workload's certifications must list {scheme, level} of known schemes; they are %v", [wanted])
}

# METADATA
# title: A higher Gaia-X label
# custom:
#   code: CERT-101
#   basis: "Gaia-X labels 1 to 3"
#   as_of: "2026-11"
prefer contains {"points": points, "because": because} if {
	ranks := {rank |
		some certificate in input.site.certifications
		certificate.scheme == "Gaia-X"
		rank := ladder.rank(ladder.scheme("Gaia-X"), certificate.level)
	}
	points := (max(ranks) + 1) * data.domicile.tables.certifications.values.labelPoints
	because := sprintf("the site holds a Gaia-X label of level %d", [max(ranks) + 1])
}

well_formed(wanted) if {
	is_array(wanted)
	every w in wanted {
		ladder.rank(ladder.scheme(w.scheme), w.level) >= 0
	}
}
