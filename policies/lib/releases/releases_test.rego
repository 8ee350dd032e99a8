package lib.releases_test

import data.lib.releases
import data.lib.tables.releases as tables

test_every_controller_of_every_release if {
	every row in tables.rows {
		cells := split(row, " ")
		m := to_number(split(cells[0], ".")[1])
		every i, component in tables.components {
			_found(component, cells[i + 2], cells[0], m)
		}
	}
}

_found(_, "-", _, m) if m < 7

_found(component, version, flux, m) if {
	version != "-"
	releases.minor(component, sprintf("v%v", [version])) == m
	flux in releases.versions(component, version)
}

test_a_tag_of_two_patches if {
	releases.versions("source-controller", "v1.9.3") == {"2.9.2", "2.9.3"}
	releases.versions("source-controller", "v1.9.99") == set()
	releases.versions("source-controller", "v1.9") == set()
}

test_tags_with_suffixes if {
	every tag in ["v1.9.4", "1.9.4", "v1.9", "1.9.4-debian-12-r0", "v1.9.0-rc.1", "v1.9.4_x", "v1.9.4+a"] {
		releases.minor("kustomize-controller", tag) == 9
	}
	every tag in ["", "latest", "v1", "v1.99.0", "1.9.4x", "sha-0000", 5, null] {
		releases.minor_or_null("kustomize-controller", tag) == null
	}
	releases.minor_or_null("flux-operator", "v1.9.4") == null
	releases.minor_or_null(null, "v1.9.4") == null
	releases.minor_or_null("source-watcher", "v2.0.1") == 7
}

test_the_newest if {
	releases.latest == "2.9.4"
	releases.latest_minor == 9
	releases.as_of == "2026-08-07"
	releases.released("2.0.0") == "2023-07-04"
	not releases.released("2.0.99")
	count(releases.all) == count(tables.rows)
	releases.all[0] == [2, 0, 0]
}

test_releases_added_by_a_parameter if {
	added := {"asOf": "2026-12-01", "releases": [
		{"version": "v2.10.0", "date": "2026-11-30", "controllers": {"kustomize-controller": "1.10.0", "helm-controller": "v1.7.0"}},
		{"version": "bad", "date": "2026-11-30", "controllers": {}},
		{"version": 5, "date": "2026-11-30", "controllers": {}},
		5,
	]}
	params := {"kind": 5, "review": {"object": {}}, "parameters": {"fluxReleases": added}}
	releases.latest == "2.10.0" with input as params
	releases.latest_minor == 10 with input as params
	releases.as_of == "2026-12-01" with input as params
	releases.minor("kustomize-controller", "v1.10.3") == 10 with input as params
	releases.versions("helm-controller", "v1.7.0") == {"2.10.0"} with input as params
	releases.released("2.10.0") == "2026-11-30" with input as params
	releases.latest == "2.9.4" with input as {"kind": 5, "review": {"object": {}}, "parameters": {"fluxReleases": {"releases": 5}}}
}
