package domicile.packs.certification_test

import data.domicile.lib.fixture
import data.domicile.packs.certification

asks(list) := fixture.patched({"workload": {"attributes": {"certifications": list}}})

test_admits_what_demands_nothing if {
	count(certification.deny) == 0 with input as fixture.patched({"site": {"certifications": []}})
}

test_admits_a_class_whose_certificate_is_held if {
	count(certification.deny) == 0 with input as fixture.patched({"workload": {"data": "payments"}})
}

test_refuses_a_class_whose_certificate_is_missing if {
	found := certification.deny with input as fixture.patched({"workload": {"data": "payments"}, "site": {"certifications": []}})
	count(found) == 1
	some d in found
	d.scheme == "ISO-27001"
	d.held == "none"
	d.class == "payments"
}

test_admits_a_higher_rung if {
	count(certification.deny) == 0 with input as asks([{"scheme": "ENS", "level": "medium"}, {"scheme": "BSI-C5", "level": "type2"}])
}

test_refuses_a_lower_rung if {
	found := certification.deny with input as object.union(
		asks([{"scheme": "BSI-C5", "level": "type2"}]),
		{"site": {"certifications": [{"scheme": "BSI-C5", "level": "type1"}, {"scheme": "ISO-27001", "level": ""}]}},
	)
	count(found) == 1
	some d in found
	d.held == "BSI-C5 type1"
	contains(d.message, "demands BSI-C5 type2; held and valid: BSI-C5 type1")
}

test_names_every_missing_certificate if {
	found := certification.deny with input as object.union(
		asks([{"scheme": "BSI-C5", "level": "type1"}, {"scheme": "HDS", "level": "v2"}]),
		{"site": {"certifications": []}},
	)
	{d.scheme | some d in found} == {"BSI-C5", "HDS"}
}

test_a_level_that_is_on_no_ladder_is_not_held if {
	count(certification.deny) == 1 with input as object.union(
		asks([{"scheme": "ENS", "level": "basic"}]),
		{"site": {"certifications": [{"scheme": "ENS", "level": "splendid"}]}},
	)
}

test_refuses_an_unknown_scheme if {
	found := certification.deny with input as asks([{"scheme": "EUCS", "level": "high"}])
	count([d | some d in found; d.demand == [{"scheme": "EUCS", "level": "high"}]]) == 1
}

test_refuses_an_unknown_level if {
	found := certification.deny with input as asks([{"scheme": "ENS", "level": "extreme"}])
	count([d | some d in found; d.demand]) == 1
}

test_refuses_a_demand_that_is_not_a_list if {
	count(certification.deny) == 1 with input as asks("ISO-27001")
}

test_refuses_a_demand_that_is_a_mapping if {
	count(certification.deny) == 1 with input as asks({"first": {"scheme": "ISO-27001", "level": ""}})
}

test_refuses_a_demand_without_a_level if {
	found := certification.deny with input as asks([{"scheme": "ISO-27001"}])
	{d.demand | some d in found} == {[{"scheme": "ISO-27001"}]}
}

test_refuses_a_table_without_a_list if {
	found := certification.deny with input as fixture.patched({"workload": {"data": "odd"}})
		with data.domicile.tables["data-classes"].values as {"unknown": {}, "classes": {"odd": {}}}
	count(found) == 1
	some d in found
	d.demand == "unstated"
	d.class == "odd"
}

test_prefers_a_gaia_x_label if {
	certification.prefer == {{"points": 4, "because": "the site holds a Gaia-X label of level 2"}} with input as fixture.base
}

test_gives_no_points_without_a_label if {
	count(certification.prefer) == 0 with input as fixture.patched({"site": {"certifications": [{"scheme": "ENS", "level": "high"}]}})
}
