package domicile.packs.tenancy_test

import data.domicile.lib.fixture
import data.domicile.packs.tenancy

test_admits_a_shared_site if {
	count(tenancy.deny) == 0 with input as fixture.base
}

test_refuses_a_site_reserved_for_another if {
	found := tenancy.deny with input as fixture.patched({"site": {"attributes": {"exclusiveTenant": "other"}}})
	count(found) == 1
	some d in found
	d.reservedFor == "other"
	d.tenant == "tenant"
}

test_admits_a_site_reserved_for_the_tenant if {
	count(tenancy.deny) == 0 with input as fixture.patched({"site": {"attributes": {"exclusiveTenant": "tenant"}}})
}

test_refuses_a_shared_host_where_a_dedicated_one_is_wanted if {
	found := tenancy.deny with input as fixture.patched({
		"workload": {"attributes": {"isolation": "dedicated-host"}},
		"site": {"attributes": {"dedicatedHosts": false}},
	})
	count(found) == 1
	some d in found
	d.isolation == "dedicated-host"
	count(tenancy.deny) == 1 with input as fixture.without(["site/attributes/dedicatedHosts"], {"workload": {"attributes": {"isolation": "dedicated-host"}}})
}

test_admits_a_dedicated_host if {
	count(tenancy.deny) == 0 with input as fixture.patched({"workload": {"attributes": {"isolation": "dedicated-host"}}})
}

test_refuses_an_isolation_that_it_does_not_know if {
	count(tenancy.deny) == 1 with input as fixture.patched({"workload": {"attributes": {"isolation": "dedicated-rack"}}})
}

test_a_workload_may_share if {
	count(tenancy.deny) == 0 with input as fixture.patched({"workload": {"attributes": {"isolation": "shared"}}, "site": {"attributes": {"dedicatedHosts": false}}})
}

test_refuses_a_place_that_anybody_can_reach if {
	found := tenancy.deny with input as fixture.patched({"workload": {"data": "personal"}, "site": {"attributes": {"physicalAccess": "public"}}})
	count(found) == 1
	some d in found
	d.least == "locked"
	d.physicalAccess == "public"
}

test_refuses_a_place_of_which_nothing_is_stated if {
	found := tenancy.deny with input as fixture.without(["site/attributes/physicalAccess"], {"workload": {"data": "personal"}})
	{d.physicalAccess | some d in found} == {"not stated"}
}

test_admits_a_place_locked_well_enough if {
	count(tenancy.deny) == 0 with input as fixture.patched({"workload": {"data": "personal"}, "site": {"attributes": {"physicalAccess": "locked"}}})
	count(tenancy.deny) == 0 with input as fixture.patched({"workload": {"data": "payments"}})
}

test_admits_open_data_in_a_public_place if {
	count(tenancy.deny) == 0 with input as fixture.without(["site/attributes/physicalAccess"], {})
}

test_refuses_a_big_guest_beside_a_radio_network if {
	found := tenancy.deny with input as fixture.patched({"site": {"attributes": {"vran": true}}, "workload": {"demand": {"cpu": 8001}}})
	count(found) == 1
	some d in found
	d.milliCPU == 8001
	d.limitMilliCPU == 8000
}

test_takes_any_other_statement_for_a_radio_network if {
	count(tenancy.deny) == 1 with input as fixture.patched({"site": {"attributes": {"vran": "yes"}}, "workload": {"demand": {"cpu": 8001}}})
}

test_admits_work_that_asks_for_no_processors_beside_a_radio_network if {
	count(tenancy.deny) == 0 with input as fixture.without(["workload/demand/cpu"], {"site": {"attributes": {"vran": true}}})
}

test_admits_a_small_guest_beside_a_radio_network if {
	count(tenancy.deny) == 0 with input as fixture.patched({"site": {"attributes": {"vran": true}}, "workload": {"demand": {"cpu": 8000}}})
}

test_admits_a_big_guest_elsewhere if {
	count(tenancy.deny) == 0 with input as fixture.patched({"workload": {"demand": {"cpu": 64000}}})
	count(tenancy.deny) == 0 with input as fixture.patched({"site": {"attributes": {"vran": false}}, "workload": {"demand": {"cpu": 64000}}})
}
