package domicile.tenant["goierri-industria"].suppliers_test

import data.domicile.lib.fixture
import data.domicile.tenant["goierri-industria"].suppliers

test_admits_a_european_supplier if {
	count(suppliers.deny) == 0 with input as fixture.base
}

test_refuses_a_supplier_controlled_elsewhere if {
	found := suppliers.deny with input as fixture.owned([fixture.parent("bigcloud-inc", "US")], {})
	count(found) == 1
	some d in found
	contains(d.message, "bigcloud-inc (US)")
}
