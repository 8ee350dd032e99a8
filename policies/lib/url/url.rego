# Absolute URLs by string rules alone, as Go splits them: what stands before the last @ of the authority is no host.
package lib.url

import data.lib.images

# The parts: scheme and host in lower case (a trailing dot dropped, brackets kept), user ("" if none; may hold a
# password), port ("" if none), path (with query and fragment). Undefined for anything that is no absolute URL.
parse(text) := {
	"scheme": lower(found[1]),
	"user": trim_suffix(found[2], "@"),
	"host": trim_right(lower(found[3]), "."),
	"port": trim_prefix(found[4], ":"),
	"path": found[5],
} if {
	is_string(text)
	found := regex.find_all_string_submatch_n(_grammar, text, 1)[0]
}

_grammar := `^([A-Za-z][A-Za-z0-9+.-]*)://([^/?#\s\\]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]*)?([/?#][^\s\\]*)?$`

# The scheme, which may be told where the rest is not.
scheme(text) := lower(split(text, "://")[0]) if {
	is_string(text)
	regex.match(`^[A-Za-z][A-Za-z0-9+.-]*://`, text)
}

# Hosts that are this machine or a Service of the cluster. A name that only begins so, or a domain that only
# contains `svc`, is neither.
inside(host, _) if host in {"localhost", "[::1]"}

inside(host, _) if regex.match(`^127(\.[0-9]{1,3}){3}$`, host)

inside(host, _) if endswith(host, ".svc")

inside(host, domain) if {
	domain != ""
	endswith(host, sprintf(".svc.%v", [trim(lower(domain), ".")]))
}

# Where a text leads: the origin ("https://host", with a port that is not the usual one) and the path. An image
# reference and an OCI URL lead to a registry, with the path in full ("oci://docker.io", "/library/nginx").
located(text) := {"origin": sprintf("%v://%v%v", [parts.scheme, parts.host, port]), "path": parts.path} if {
	parts := parse(text)
	parts.scheme != "oci"
	port := concat("", [sprintf(":%v", [given]) |
		given := parts.port
		not given in {"", usual_ports[parts.scheme]}
	])
}

located(text) := {"origin": sprintf("oci://%v", [image.registry]), "path": sprintf("/%v", [image.path])} if {
	is_string(text)
	reference := regex.replace(text, `^(?i:oci)://`, "")
	regex.match(`^[0-9A-Za-z\[][0-9A-Za-z._:/@+\[\]-]*$`, reference)
	not contains(reference, "://")
	image := images.parse(reference)
}

usual_ports := {"http": "80", "https": "443", "ssh": "22"}

# Whether what is located is at or below a prefix: same origin, and a path that goes on at a slash and cannot climb.
below(place, prefix) if {
	base := located(sprintf("%v/x/y", [trim_right(prefix, "/")]))
	base.origin == place.origin
	startswith(sprintf("%v/", [place.path]), sprintf("%v/", [trim_suffix(base.path, "/x/y")]))
	not regex.match(`(?i)(^|/)\.\.?([/?#]|$)|%2e|%2f|%5c`, place.path)
}
