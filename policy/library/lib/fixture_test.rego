# METADATA
# title: Inputs for tests
# description: |
#   One workload of open data and one site that states everything a strict rule may ask for: a European provider, certified for all it
#   can be. A test patches what its rule looks at and leaves the rest, so that nothing else can be the reason.
package domicile.lib.fixture

base := {
	"date": "2026-11-23",
	"workload": {
		"application": "app",
		"component": "api",
		"tenant": "tenant",
		"kind": "container",
		"data": "",
		"priority": 1,
		"demand": {"cpu": 4000, "memory": 17179869184},
		"tiers": [],
		"labels": {},
		"attributes": {},
	},
	"site": {
		"id": "site",
		"country": "DE",
		"city": "Berlin",
		"tier": "regional",
		"runtimes": ["kubernetes", "vm"],
		"labels": {},
		"attributes": {
			"confidentialComputing": true,
			"dedicatedHosts": true,
			"encryptionAtRest": "external-kms",
			"physicalAccess": "staffed",
		},
		"certifications": [
			{"scheme": "BSI-C5", "level": "type2"},
			{"scheme": "ENS", "level": "high"},
			{"scheme": "Gaia-X", "level": "2"},
			{"scheme": "HDS", "level": "v2"},
			{"scheme": "ISO-27001", "level": "2022"},
			{"scheme": "PCI-DSS", "level": "4.0"},
			{"scheme": "SCCO", "level": "scco2"},
		],
		"energy": {"intensity": 344},
	},
	"provider": {
		"id": "provider",
		"name": "Provider SE",
		"country": "DE",
		"ownersKnown": 6380,
		"control": [{"owner": "holding", "country": "DE", "share": 6380, "controls": true}],
		"certifications": [],
		"sovereignty": {"SOV-1": 3, "SOV-2": 3, "SOV-3": 3, "SOV-4": 3, "SOV-5": 2, "SOV-6": 3, "SOV-7": 4, "SOV-8": 2},
		"attributes": {
			"auditRights": true,
			"exitNoticeDays": 60,
			"keyManagement": "customer",
			"ownershipForm": "free-float",
			"publishesTransfers": true,
			"supportFrom": ["DE", "PL"],
		},
	},
}

# patched is base with other values in some places.
patched(changes) := object.union(base, changes)

# without is base, patched, without the values at some paths such as "site/attributes/gpuModel".
without(paths, changes) := json.remove(object.union(base, changes), paths)

# owned is base, patched, with these holdings over the provider.
owned(holdings, changes) := object.union_n([
	base,
	{"provider": {"control": holdings, "ownersKnown": min([10000, sum([h.share | some h in holdings])])}},
	changes,
])

# parent is a holding of the whole capital.
parent(name, country) := {"owner": name, "country": country, "share": 10000, "controls": true}
