package domicile.packs.ownership_test

import data.domicile.lib.fixture
import data.domicile.packs.ownership

# The classes stand for the levels of control: "" any, health-de not-exposed, public-pl eea, sovereign eea with limits on capital.

american := fixture.parent("bigcloud-inc", "US")

swiss := fixture.parent("alpen-ag", "CH")

test_admits_every_class_on_a_german_provider if {
	every class in ["", "health-de", "public-pl", "sovereign"] {
		count(ownership.deny) == 0 with input as fixture.patched({"workload": {"data": class}})
	}
}

test_admits_open_data_anywhere if {
	count(ownership.deny) == 0 with input as fixture.owned([american], {})
}

test_refuses_control_under_a_law_that_reaches_abroad if {
	found := ownership.deny with input as fixture.owned([american], {"workload": {"data": "health-de"}})
	count(found) == 1
	some d in found
	d.control == {{"name": "bigcloud-inc", "country": "US"}}
	d.laws == ["CLOUD Act (18 U.S.C. 2713)", "FISA 702 (50 U.S.C. 1881a)"]
	contains(d.message, "bigcloud-inc (US)")
}

test_refuses_a_seat_under_such_a_law if {
	found := ownership.deny with input as fixture.patched({"workload": {"data": "health-de"}, "provider": {"country": "US"}})
	{d.control | some d in found} == {{{"name": "its own seat", "country": "US"}}}
}

test_a_minority_does_not_expose if {
	count(ownership.deny) == 0 with input as fixture.owned(
		[{"owner": "fund", "country": "US", "share": 3000, "controls": false}, {"owner": "family", "country": "FR", "share": 7000, "controls": true}],
		{"workload": {"data": "health-de"}},
	)
}

test_exposure_is_named_for_the_strictest_level_too if {
	found := ownership.deny with input as fixture.owned([american], {"workload": {"data": "public-pl"}})
	count([d | some d in found; d.laws]) == 1
	count(found) == 2
}

test_refuses_control_outside_the_eea_where_demanded if {
	found := ownership.deny with input as fixture.owned([swiss], {"workload": {"data": "public-pl"}})
	count(found) == 1
	some d in found
	d.control == {{"name": "alpen-ag", "country": "CH"}}
	contains(d.message, "inside the EEA; control lies with alpen-ag (CH)")
}

test_admits_swiss_control_where_only_exposure_counts if {
	count(ownership.deny) == 0 with input as fixture.owned([swiss], {"workload": {"data": "health-de"}})
}

test_refuses_control_from_an_unknown_country if {
	found := ownership.deny with input as fixture.owned([fixture.parent("trust", "")], {"workload": {"data": "health-de"}})
	count(found) == 1
	some d in found
	contains(d.message, "trust (country unknown)")
}

test_an_unknown_country_is_nobodys_business_for_open_data if {
	count(ownership.deny) == 0 with input as fixture.owned([fixture.parent("trust", "")], {})
}

hidden(class) := fixture.without(
	["provider/attributes/ownershipForm"],
	{"workload": {"data": class}, "provider": {"ownersKnown": 5000, "control": []}},
)

test_refuses_an_undisclosed_majority if {
	found := ownership.deny with input as hidden("health-de")
	count(found) == 1
	some d in found
	d.knownPercent == 50
}

test_an_undisclosed_majority_is_nobodys_business_for_open_data if {
	count(ownership.deny) == 0 with input as hidden("")
}

test_admits_a_majority_by_one_ten_thousandth if {
	count(ownership.deny) == 0 with input as object.union(hidden("health-de"), {"provider": {"ownersKnown": 5001}})
}

test_admits_a_stated_form_of_ownership if {
	count(ownership.deny) == 0 with input as object.union(hidden("health-de"), {"provider": {"attributes": {"ownershipForm": "cooperative"}}})
}

test_refuses_a_form_that_is_not_in_the_table if {
	count(ownership.deny) == 1 with input as object.union(hidden("health-de"), {"provider": {"attributes": {"ownershipForm": "who knows"}}})
}

test_refuses_a_demand_that_it_does_not_know if {
	classes := {"unknown": {}, "classes": {"odd": {"control": "freindly", "capital": "any"}}}
	found := ownership.deny with input as fixture.patched({"workload": {"data": "odd"}})
		with data.domicile.tables["data-classes"].values as classes
	count(found) == 1
	some d in found
	d.demand == "freindly"
}

test_refuses_a_single_foreign_holding_above_the_limit if {
	found := ownership.deny with input as fixture.owned(
		[{"owner": "fund", "country": "CH", "share": 2401, "controls": false}, {"owner": "family", "country": "FR", "share": 7599, "controls": true}],
		{"workload": {"data": "sovereign"}},
	)
	count(found) == 1
	some d in found
	d.owner == "fund"
	d.sharePercent == 24.01
	d.limitPercent == 24
}

test_admits_a_single_foreign_holding_at_the_limit if {
	count(ownership.deny) == 0 with input as fixture.owned(
		[{"owner": "fund", "country": "CH", "share": 2400, "controls": false}, {"owner": "family", "country": "FR", "share": 7600, "controls": true}],
		{"workload": {"data": "sovereign"}},
	)
}

test_refuses_joint_foreign_holdings_above_the_limit if {
	found := ownership.deny with input as fixture.owned(
		[
			{"owner": "fund-a", "country": "CH", "share": 2000, "controls": false},
			{"owner": "fund-b", "country": "GB", "share": 1901, "controls": false},
			{"owner": "family", "country": "FR", "share": 6099, "controls": true},
		],
		{"workload": {"data": "sovereign"}},
	)
	count(found) == 1
	some d in found
	d.sharePercent == 39.01
	d.limitPercent == 39
}

test_admits_joint_foreign_holdings_at_the_limit if {
	count(ownership.deny) == 0 with input as fixture.owned(
		[
			{"owner": "fund-a", "country": "CH", "share": 2000, "controls": false},
			{"owner": "fund-b", "country": "GB", "share": 1900, "controls": false},
			{"owner": "family", "country": "FR", "share": 6100, "controls": true},
		],
		{"workload": {"data": "sovereign"}},
	)
}

test_limits_of_capital_hold_only_where_demanded if {
	count(ownership.deny) == 0 with input as fixture.owned(
		[{"owner": "fund", "country": "CH", "share": 4900, "controls": false}, {"owner": "family", "country": "FR", "share": 5100, "controls": true}],
		{"workload": {"data": "public-pl"}},
	)
	count(ownership.deny) == 0 with input as object.union(hidden("public-pl"), {"provider": {"ownersKnown": 5100}})
}

test_refuses_capital_that_nobody_knows if {
	found := ownership.deny with input as object.union(hidden("sovereign"), {"provider": {"ownersKnown": 7599}})
	count(found) == 1
	some d in found
	d.unknownPercent == 24.01
}

test_admits_unknown_capital_that_cannot_matter if {
	count(ownership.deny) == 0 with input as object.union(hidden("sovereign"), {"provider": {"ownersKnown": 7600}})
}

test_refuses_a_seat_outside_the_eu if {
	found := ownership.deny with input as fixture.patched({"workload": {"data": "sovereign"}, "provider": {"country": "NO"}})
	count(found) == 1
	some d in found
	d.country == "NO"
}

test_a_seat_outside_the_eu_is_allowed_without_limits_of_capital if {
	count(ownership.deny) == 0 with input as fixture.patched({"workload": {"data": "public-pl"}, "provider": {"country": "NO"}})
}

test_prefers_european_owners if {
	{p.points | some p in ownership.prefer} == {5} with input as fixture.base
}

test_gives_no_points_to_others if {
	count(ownership.prefer) == 0 with input as fixture.patched({"provider": {"country": "CH"}})
	count(ownership.prefer) == 0 with input as hidden("")
	count(ownership.prefer) == 0 with input as fixture.owned(
		[{"owner": "fund", "country": "US", "share": 100, "controls": false}, {"owner": "family", "country": "FR", "share": 9900, "controls": true}],
		{},
	)
}
