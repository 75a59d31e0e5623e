package domicile.owner.mondragon.admission_test

import data.domicile.lib.fixture
import data.domicile.owner.mondragon.admission

test_admits_work_without_accelerators if {
	count(admission.deny) == 0 with input as fixture.base
}

test_admits_spanish_work_with_accelerators if {
	count(admission.deny) == 0 with input as fixture.patched({"workload": {"demand": {"gpu": 1}, "attributes": {"home": "ES"}}})
}

test_refuses_other_work_with_accelerators if {
	found := admission.deny with input as fixture.patched({"workload": {"demand": {"gpu": 1}, "attributes": {"home": "DE"}}})
	{d.home | some d in found} == {"DE"}
	count(admission.deny) == 1 with input as fixture.patched({"workload": {"demand": {"gpu": 1}}})
}
