package lib.releases_support_test

import data.lib.releases

# [component, tag, standing, minor]
_tags := [
	["source-controller", "v1.9.4", "current", 9],
	["source-controller", "1.9.4", "current", 9],
	["source-controller", "v1.9.4-cp.1", "current", 9],
	["source-controller", "v1.9.3", "behind", 9],
	["source-controller", "v1.9", "behind", 9],
	["source-controller", "v1.9.12", "ahead", 9],
	["source-controller", "v1.10.0", "ahead", 10],
	["source-controller", "v2.0.0", "ahead", 10],
	["source-controller", "v1.5.0", "current", 5],
	["source-controller", "v0.41.2", "ancient", -1],
	["helm-controller", "v0.34.9", "ancient", -1],
	["helm-controller", "v0.37.4", "current", 2],
	["notification-controller", "v1.8.4", "current", 8],
	["source-watcher", "v1.0.0", "ancient", -1],
	["source-watcher", "v2.2.3", "current", 9],
]

test_tags if {
	every row in _tags {
		releases.standing(row[0], row[1]) == {"standing": row[2], "minor": row[3]}
	}
}

test_tags_that_tell_nothing if {
	every tag in ["", "latest", "v1", "stable", "release-41", 5, null, {}] {
		not releases.standing("source-controller", tag)
	}
	not releases.standing("helm-controller", "v0.99.0")
	not releases.standing("web", "v1.9.4")
}

# [version, standing, minor]
_versions := [
	["v2.9.4", "current", 9],
	["2.9.4", "current", 9],
	["v2.9.9", "ahead", 9],
	["v2.9.1", "behind", 9],
	["v2.6.4", "current", 6],
	["v2.12.0", "ahead", 12],
	["v3.0.0", "ahead", 10],
	["v0.41.2", "ancient", -1],
]

test_versions_of_flux if {
	every row in _versions {
		releases.flux_standing(row[0]) == {"standing": row[1], "minor": row[2]}
	}
	every version in ["v2.9", "", "x", 5] {
		not releases.flux_standing(version)
	}
}

test_supported_from if {
	releases.supported_from == 7
	given := {"fluxReleases": {"releases": [{"version": "2.10.0", "date": "2026-11-03", "controllers": {}}]}}
	releases.supported_from == 8 with input as {"review": {"object": {}}, "parameters": given}
}

test_stale_after if {
	releases.stale_after == "2026-12-05"
	given := {"fluxReleases": {"asOf": "2026-11-03", "staleAfter": "2027-03-03"}}
	releases.stale_after == "2027-03-03" with input as {"review": {"object": {}}, "parameters": given}
	vague := {"fluxReleases": {"asOf": "2026-11-03"}}
	not releases.stale_after with input as {"review": {"object": {}}, "parameters": vague}
}

# What a release does not name is unchanged.
test_a_release_without_the_controller if {
	given := {"fluxReleases": {"releases": [{"version": "2.9.5", "date": "2026-09-01", "controllers": {"helm-controller": "1.6.4"}}]}}
	found := releases.standing("source-controller", "v1.9.4") with input as {"review": {"object": {}}, "parameters": given}
	found == {"standing": "current", "minor": 9}
}
