package domicile.packs.encryption_test

import data.domicile.lib.fixture
import data.domicile.packs.encryption

rest(class, have) := fixture.patched({"workload": {"data": class}, "site": {"attributes": {"encryptionAtRest": have}}})

american(changes) := fixture.owned([fixture.parent("bigcloud-inc", "US")], changes)

test_admits_open_data_without_encryption if {
	count(encryption.deny) == 0 with input as fixture.without(["site/attributes/encryptionAtRest", "site/attributes/confidentialComputing"], {})
}

test_admits_keys_in_the_hands_demanded if {
	count(encryption.deny) == 0 with input as rest("health-de", "customer-managed")
	count(encryption.deny) == 0 with input as rest("health-de", "external-kms")
}

test_refuses_keys_in_the_providers_hands if {
	found := encryption.deny with input as rest("health-de", "provider-managed")
	count(found) == 1
	some d in found
	d.least == "customer-managed"
	d.encryptionAtRest == "provider-managed"
	d.class == "health-de"
}

test_refuses_keys_in_unknown_hands if {
	found := encryption.deny with input as fixture.without(["site/attributes/encryptionAtRest"], {"workload": {"data": "internal"}})
	{d.encryptionAtRest | some d in found} == {"not stated"}
	count(encryption.deny) == 1 with input as rest("internal", "quantum")
}

test_refuses_keys_that_the_workload_does_not_want if {
	found := encryption.deny with input as object.union(rest("", "customer-managed"), {"workload": {"attributes": {"keys": "external-kms"}}})
	count(found) == 1
	some d in found
	d.least == "external-kms"
}

test_refuses_a_demand_that_is_on_no_ladder if {
	count(encryption.deny) == 1 with input as fixture.patched({"workload": {"attributes": {"keys": "mine"}}})
}

test_admits_keys_that_the_workload_wants if {
	count(encryption.deny) == 0 with input as fixture.patched({"workload": {"attributes": {"keys": "customer-managed"}}})
}

test_refuses_a_site_without_confidential_computing_for_a_class if {
	found := encryption.deny with input as fixture.without(["site/attributes/confidentialComputing"], {"workload": {"data": "sovereign"}})
	count(found) == 1
	some d in found
	d.attribute == "confidentialComputing"
}

test_admits_a_site_with_confidential_computing if {
	count(encryption.deny) == 0 with input as fixture.patched({"workload": {"data": "sovereign"}})
}

test_refuses_a_site_without_confidential_computing_for_a_workload if {
	every wanted in [true, "yes"] {
		count(encryption.deny) == 1 with input as fixture.patched({
			"workload": {"attributes": {"confidentialComputing": wanted}},
			"site": {"attributes": {"confidentialComputing": false}},
		})
	}
}

test_a_workload_may_say_that_it_needs_none if {
	count(encryption.deny) == 0 with input as fixture.patched({
		"workload": {"attributes": {"confidentialComputing": false}},
		"site": {"attributes": {"confidentialComputing": false}},
	})
}

test_admits_an_exposed_provider_that_can_reach_nothing if {
	count(encryption.deny) == 0 with input as american({"workload": {"data": "personal"}})
}

test_refuses_an_exposed_provider_that_can_reach_keys_or_data if {
	every change in [
		{"site": {"attributes": {"encryptionAtRest": "customer-managed"}}},
		{"site": {"attributes": {"confidentialComputing": false}}},
		{"provider": {"attributes": {"keyManagement": "provider"}}},
	] {
		found := encryption.deny with input as american(object.union({"workload": {"data": "personal"}}, change))
		count(found) == 1
		some d in found
		d.control == {{"name": "bigcloud-inc", "country": "US"}}
	}
}

test_asks_no_shield_of_other_providers if {
	count(encryption.deny) == 0 with input as fixture.patched({"workload": {"data": "personal"}, "site": {"attributes": {"confidentialComputing": false}}})
}

test_asks_no_shield_for_other_data if {
	count(encryption.deny) == 0 with input as american({"workload": {"data": "internal"}, "site": {"attributes": {"confidentialComputing": false}}})
}

test_refuses_where_the_table_says_nothing if {
	found := encryption.deny with input as fixture.without(["site/attributes/confidentialComputing"], {"workload": {"data": "odd"}})
		with data.domicile.tables["data-classes"].values as {"unknown": {}, "classes": {"odd": {}}}
	count(found) == 2
}
