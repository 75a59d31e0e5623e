package domicile.packs.residency_test

import data.domicile.lib.fixture
import data.domicile.packs.residency

test_admits_open_data_in_germany if {
	count(residency.deny) == 0 with input as fixture.base
}

test_refuses_an_undeclared_class if {
	found := residency.deny with input as fixture.patched({"workload": {"data": "secret"}})
	count(found) == 1
	some d in found
	d.class == "secret"
	contains(d.message, `"secret"`)
}

test_holds_an_undeclared_class_to_the_strictest_group if {
	found := residency.deny with input as fixture.patched({"workload": {"data": "secret"}, "site": {"country": "NO"}})
	{d.group | some d in found; d.group} == {"eu"}
}

test_refuses_a_country_outside_the_group if {
	found := residency.deny with input as fixture.patched({"workload": {"data": "payments"}, "site": {"country": "CH"}})
	count(found) == 1
	some d in found
	d.country == "CH"
	d.group == "eea"
	contains(d.message, "the EEA; the site is in CH")
}

test_refuses_an_unknown_country_for_all_but_open_data if {
	count(residency.deny) == 0 with input as fixture.patched({"site": {"country": ""}})
	found := residency.deny with input as fixture.patched({"workload": {"data": "internal"}, "site": {"country": ""}})
	{d.group | some d in found} == {"eea-adequate"}
}

test_admits_an_adequate_country if {
	count(residency.deny) == 0 with input as fixture.patched({"workload": {"data": "personal"}, "site": {"country": "CH"}})
}

test_refuses_a_country_without_a_decision if {
	found := residency.deny with input as fixture.patched({"workload": {"data": "personal"}, "site": {"country": "IN"}})
	{d.country | some d in found} == {"IN"}
}

test_refuses_a_conditional_country_without_the_condition if {
	found := residency.deny with input as fixture.patched({"workload": {"data": "personal"}, "site": {"country": "US"}})
	count(found) == 1
	some d in found
	d.attribute == "dpfCertified"
	contains(d.condition, "Data Privacy Framework")
}

test_refuses_a_condition_stated_as_something_else if {
	found := residency.deny with input as fixture.patched({
		"workload": {"data": "personal"}, "site": {"country": "US"},
		"provider": {"attributes": {"dpfCertified": "yes"}},
	})
	count(found) == 1
}

test_admits_a_conditional_country_that_meets_its_condition if {
	count(residency.deny) == 0 with input as fixture.patched({
		"workload": {"data": "personal"}, "site": {"country": "US"},
		"provider": {"attributes": {"dpfCertified": true}},
	})
}

test_condition_does_not_open_a_narrower_group if {
	found := residency.deny with input as fixture.patched({
		"workload": {"data": "payments"}, "site": {"country": "US"},
		"provider": {"attributes": {"dpfCertified": true}},
	})
	{d.group | some d in found} == {"eea"}
}

test_a_narrower_group_does_not_ask_for_the_condition if {
	found := residency.deny with input as fixture.patched({"workload": {"data": "payments"}, "site": {"country": "US"}})
	count(found) == 1
	some d in found
	d.group == "eea"
}

test_refuses_a_country_that_the_workload_does_not_name if {
	found := residency.deny with input as fixture.patched({"workload": {"attributes": {"residency": ["FR", "NL"]}}})
	count(found) == 1
	some d in found
	d.allowed == ["FR", "NL"]
	d.country == "DE"
}

test_admits_a_country_that_the_workload_names if {
	count(residency.deny) == 0 with input as fixture.patched({"workload": {"attributes": {"residency": ["DE"]}}})
}

test_refuses_a_malformed_residency if {
	count(residency.deny) == 1 with input as fixture.patched({"workload": {"attributes": {"residency": {"only": "DE"}}}})
}

test_refuses_a_country_that_the_workload_rules_out if {
	found := residency.deny with input as fixture.patched({"workload": {"attributes": {"notIn": ["DE"]}}})
	count(found) == 1
	some d in found
	d.refused == ["DE"]
}

test_admits_a_country_that_the_workload_does_not_rule_out if {
	count(residency.deny) == 0 with input as fixture.patched({"workload": {"attributes": {"notIn": ["HU"]}}})
}

test_refuses_a_malformed_exclusion if {
	count(residency.deny) == 1 with input as fixture.patched({"workload": {"attributes": {"notIn": "HU"}}})
}

test_prefers_home if {
	residency.prefer == {{"points": 10, "because": "the site is in DE, where the workload is at home"}} with input as fixture.patched({"workload": {"attributes": {"home": "DE"}}})
}

test_gives_no_points_abroad if {
	count(residency.prefer) == 0 with input as fixture.patched({"workload": {"attributes": {"home": "PL"}}})
}
