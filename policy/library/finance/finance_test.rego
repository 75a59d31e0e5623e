package domicile.packs.finance_test

import data.domicile.lib.fixture
import data.domicile.packs.finance

ledger(changes) := object.union(
	fixture.patched({"workload": {
		"data": "payments",
		"attributes": {"registeredLocations": ["DE", "FR"], "criticalFunction": true, "exitPlan": "EXIT-7", "cardholderData": true},
	}}),
	changes,
)

lacking(path, changes) := json.remove(ledger(changes), [path])

test_admits_an_arrangement_that_states_all if {
	count(finance.deny) == 0 with input as ledger({})
}

test_is_silent_on_other_data if {
	count(finance.deny) == 0 with input as fixture.without(
		["provider/attributes/auditRights", "provider/attributes/exitNoticeDays"],
		{"site": {"country": "", "city": "", "certifications": []}, "provider": {"country": "US"}},
	)
}

test_refuses_a_place_without_a_city if {
	found := finance.deny with input as ledger({"site": {"city": ""}})
	count(found) == 1
	some d in found
	d.city == ""
	d.country == "DE"
}

test_refuses_a_place_without_a_country if {
	found := finance.deny with input as ledger({"site": {"country": ""}, "workload": {"attributes": {"registeredLocations": [""]}}})
	count(found) == 1
}

test_refuses_a_country_that_is_not_registered if {
	found := finance.deny with input as ledger({"site": {"country": "ES"}})
	count(found) == 1
	some d in found
	contains(d.message, "ES is not among")
}

test_refuses_where_nothing_is_registered if {
	count(finance.deny) == 1 with input as lacking("workload/attributes/registeredLocations", {})
}

test_refuses_a_malformed_register if {
	count(finance.deny) == 1 with input as ledger({"workload": {"attributes": {"registeredLocations": {"main": "DE"}}}})
}

test_refuses_a_provider_that_grants_no_audit if {
	found := finance.deny with input as ledger({"provider": {"attributes": {"auditRights": false}}})
	{d.attribute | some d in found} == {"auditRights"}
	count(finance.deny) == 1 with input as lacking("provider/attributes/auditRights", {})
}

test_refuses_a_provider_that_cannot_be_left_in_time if {
	found := finance.deny with input as ledger({"provider": {"attributes": {"exitNoticeDays": 91}}})
	count(found) == 1
	some d in found
	d.exitNoticeDays == 91
	d.limitDays == 90
}

test_admits_the_longest_notice if {
	count(finance.deny) == 0 with input as ledger({"provider": {"attributes": {"exitNoticeDays": 90}}})
}

test_refuses_a_notice_that_is_not_stated if {
	found := finance.deny with input as lacking("provider/attributes/exitNoticeDays", {})
	{d.exitNoticeDays | some d in found} == {"not stated"}
}

test_refuses_a_notice_that_is_no_number if {
	count(finance.deny) == 1 with input as ledger({"provider": {"attributes": {"exitNoticeDays": null}}})
}

test_refuses_a_foreign_provider_without_a_subsidiary if {
	found := finance.deny with input as ledger({"provider": {"country": "US"}})
	count(found) == 1
	some d in found
	d.seat == "US"
}

test_admits_a_foreign_provider_with_a_subsidiary if {
	count(finance.deny) == 0 with input as ledger({"provider": {"country": "US", "attributes": {"euSubsidiary": true}}})
}

test_refuses_cards_without_the_attestation if {
	found := finance.deny with input as ledger({"site": {"certifications": []}})
	count(found) == 1
	some d in found
	d.scheme == "PCI-DSS"
	d.held == "none"
}

test_takes_cards_for_granted_where_nothing_is_stated if {
	count(finance.deny) == 1 with input as lacking("workload/attributes/cardholderData", {"site": {"certifications": []}})
}

test_admits_a_site_without_the_attestation_for_work_without_cards if {
	count(finance.deny) == 0 with input as ledger({"site": {"certifications": []}, "workload": {"attributes": {"cardholderData": false}}})
}

test_refuses_a_critical_function_without_an_exit_plan if {
	found := finance.deny with input as lacking("workload/attributes/exitPlan", {})
	{d.attribute | some d in found} == {"exitPlan"}
	count(finance.deny) == 1 with input as ledger({"workload": {"attributes": {"exitPlan": ""}}})
	count(finance.deny) == 1 with input as ledger({"workload": {"attributes": {"exitPlan": true}}})
}

test_takes_a_function_for_critical_where_nothing_is_stated if {
	count(finance.deny) == 1 with input as json.remove(ledger({}), ["workload/attributes/exitPlan", "workload/attributes/criticalFunction"])
}

test_admits_an_uncritical_function_without_an_exit_plan if {
	count(finance.deny) == 0 with input as lacking("workload/attributes/exitPlan", {"workload": {"attributes": {"criticalFunction": false}}})
}
