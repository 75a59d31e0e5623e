package domicile.packs.energy_test

import data.domicile.lib.fixture
import data.domicile.packs.energy

asks(limit, have) := fixture.patched({"workload": {"attributes": {"maxIntensity": limit}}, "site": {"energy": {"intensity": have}}})

test_admits_work_that_asks_for_nothing if {
	count(energy.deny) == 0 with input as fixture.base
}

test_refuses_electricity_above_the_limit if {
	found := energy.deny with input as asks(100, 101)
	count(found) == 1
	some d in found
	d.intensity == 101
	d.limit == 100
}

test_admits_electricity_at_the_limit if {
	count(energy.deny) == 0 with input as asks(100, 100)
}

test_refuses_electricity_of_which_nothing_is_stated if {
	count(energy.deny) == 1 with input as asks(100, 0)
}

test_refuses_a_limit_that_is_no_number if {
	count(energy.deny) == 1 with input as asks("low", 20)
}

test_prefers_clean_electricity if {
	energy.prefer == {{"points": 4, "because": "the site's electricity has 40 gCO2e/kWh"}} with input as asks(500, 40)
}

test_gives_no_points_for_dirty_or_unknown_electricity if {
	count(energy.prefer) == 0 with input as asks(500, 100)
	count(energy.prefer) == 0 with input as asks(500, 0)
}
