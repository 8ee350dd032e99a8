# What a text in Git gives away: nothing where it only stands for a value, is encrypted or public.
package lib.plaintext

# A text in the place of a value that comes from elsewhere: a variable, a blank to fill in, or a reference to an entry of
# 1Password, which its command line resolves. A default inside of a variable is a value.
placeholder(text) if regex.match(_placeholder, trim_space(text))

_placeholder := `^(\$\{[A-Za-z_][0-9A-Za-z_]*\}|\$\([A-Za-z_][0-9A-Za-z_]*\)|<[^<>\n]*>|op://[^\s/]+(/[^\s/]+){2,3}|(?i:replace[-_ ]?me))?$`

# A tool's template, which only the tool can read.
template(text) if contains(text, "{{")

# One value that SOPS encrypted, or a whole file of any of its formats.
encrypted(text) if startswith(text, "ENC[AES256_GCM,")

encrypted(text) if {
	contains(text, "ENC[AES256_GCM,")
	regex.match(`(?m)^sops:|"sops"\s*:|^sops_mac=ENC\[|^\[sops\]`, text)
}

# Made to be handed out: public keys, keys of hosts, certificates.
public(key, text) if {
	published(key)
	not contains(text, "PRIVATE KEY")
}

public(key, text) if {
	certifying(key)
	kinds := {found[1] | some found in regex.find_all_string_submatch_n(`-----BEGIN ([A-Z0-9 ]+)-----`, text, -1)}
	kinds == {"CERTIFICATE"}
}

public(key, text) if {
	endswith(key, ".asc")
	contains(text, "-----BEGIN PGP PUBLIC KEY BLOCK-----")
	not contains(text, "PRIVATE KEY")
}

# By its name alone a key or file is public.
published(key) if regex.match(`(\.pub|\.sshpub|^known_hosts|^trusted_root\.json)$`, key)

# It may be, by what is in it.
certifying(key) if regex.match(`(\.(crt|pem|cer)|^caFile|^certFile)$`, key)
