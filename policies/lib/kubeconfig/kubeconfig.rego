# What stands in a kubeconfig, without any of its content.
package lib.kubeconfig

# Keys of a Secret → traits of their content: "exec", "tls" (verification is skipped), "http" (a server without
# TLS), "files" (of the controller's file system); "opaque" where YAML features hide something; "hidden" where
# there is nothing that can be read.
traits(secret) := object.union(
	{key: _encoded(text) |
		is_object(secret.data)
		some key, text in secret.data
	},
	{key: _plain(text) |
		is_object(secret.stringData)
		some key, text in secret.stringData
	},
) if {
	not secret.sops
} else := {}

_encoded(text) := found if {
	is_string(text)
	packed := replace(text, "\n", "")
	regex.match(_base64, packed)
	found := _plain(base64.decode(packed))
} else := ["hidden"]

_plain(text) := sort([trait |
	some trait, pattern in _patterns
	regex.match(pattern, text)
]) if {
	is_string(text)
	regex.match(`(^|[\s{,"'])clusters["']?\s*:`, text)
} else := ["hidden"]

# Canonical base64: the bits that the padding leaves over are zero.
_base64 := `^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$`

_patterns := {
	"exec": `(^|[\s{,"'-])exec["']?\s*:`,
	"tls": `insecure-skip-tls-verify["']?\s*:\s*["']?(?i:true|yes|on|y)\b`,
	"http": `(^|[\s{,"'-])server["']?\s*:\s*["']?(?i:http)://`,
	"files": `(client-certificate|client-key|certificate-authority|tokenFile)["']?\s*:\s*["']?[^\s"',}]`,
	"opaque": `\\|(^|\s)\?\s|<<\s*:|:\s*[&*!]|(server|insecure-skip-tls-verify)["']?\s*:\s*[|>]`,
}
