package domicile.packs.accelerators_test

import data.domicile.lib.fixture
import data.domicile.packs.accelerators

asks(attributes, model) := fixture.patched({"workload": {"attributes": attributes, "demand": {"gpu": 1}}, "site": {"attributes": {"gpuModel": model}}})

test_admits_work_that_asks_for_nothing if {
	count(accelerators.deny) == 0 with input as fixture.base
}

test_admits_a_model_from_the_list if {
	count(accelerators.deny) == 0 with input as asks({"gpuModels": ["L4", "L40S"]}, "L40S")
}

test_refuses_another_model if {
	found := accelerators.deny with input as asks({"gpuModels": ["L4", "L40S"]}, "H100")
	count(found) == 1
	some d in found
	d.gpuModel == "H100"
	d.wanted == ["L4", "L40S"]
}

test_refuses_a_model_that_is_not_stated if {
	found := accelerators.deny with input as fixture.patched({"workload": {"attributes": {"gpuModels": ["L4"]}}})
	{d.gpuModel | some d in found} == {"not stated"}
}

test_refuses_a_malformed_list_of_models if {
	count(accelerators.deny) == 1 with input as asks({"gpuModels": {"any": "L4"}}, "L4")
}

test_admits_a_device_that_is_large_enough if {
	count(accelerators.deny) == 0 with input as asks({"gpuMemoryGiB": 80}, "H100")
}

test_refuses_a_device_that_is_too_small if {
	found := accelerators.deny with input as asks({"gpuMemoryGiB": 81}, "H100")
	count(found) == 1
	some d in found
	d.needGiB == 81
	d.haveGiB == 80
}

test_refuses_a_device_of_unknown_size if {
	found := accelerators.deny with input as asks({"gpuMemoryGiB": 1}, "abacus")
	{d.haveGiB | some d in found} == {"unknown"}
	count(accelerators.deny) == 1 with input as fixture.patched({"workload": {"attributes": {"gpuMemoryGiB": 1}}})
}

test_refuses_a_need_that_is_no_number if {
	count(accelerators.deny) == 1 with input as asks({"gpuMemoryGiB": null}, "H100")
}

test_prefers_sites_without_accelerators_for_work_that_needs_none if {
	{p.points | some p in accelerators.prefer} == {3} with input as fixture.base
}

test_gives_no_points_for_wasting_accelerators if {
	count(accelerators.prefer) == 0 with input as fixture.patched({"site": {"attributes": {"gpuModel": "L4"}}})
}

test_gives_no_points_to_work_that_needs_them if {
	count(accelerators.prefer) == 0 with input as fixture.patched({"workload": {"demand": {"gpu": 1}}})
}
