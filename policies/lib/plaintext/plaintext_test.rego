package lib.plaintext_test

import data.lib.plaintext

test_placeholder if {
	every text in ["", " ", "${VAR}", "$(VAR)", "<your token>", "REPLACE_ME", "replace-me\n", "op://vault/item/field\n"] {
		plaintext.placeholder(text)
	}
	every text in ["hunter2", "${VAR:=hunter2}", "a${VAR}", "<a> b <c>", "$VAR", "op://vault"] {
		not plaintext.placeholder(text)
	}
}

test_template if {
	plaintext.template("a{{ .b }}")
	not plaintext.template("a{ b }")
}

test_encrypted if {
	every text in [
		"ENC[AES256_GCM,data:x]", "a: ENC[AES256_GCM,data:x]\nsops:\n  mac: x", `{"data":"ENC[AES256_GCM,data:x]","sops": {}}`,
		"A=ENC[AES256_GCM,x]\nsops_mac=ENC[AES256_GCM,y]", "a = ENC[AES256_GCM,x]\n[sops]\n",
	] {
		plaintext.encrypted(text)
	}
	every text in ["sops:\n  mac: x", "a ENC[AES256_GCM,x]", "x"] {
		not plaintext.encrypted(text)
	}
}

pem(kind) := sprintf("-----BEGIN %v-----\nYQ==\n-----END %v-----\n", [kind, kind])

test_public if {
	every key in ["identity.pub", "a.sshpub", "known_hosts", "trusted_root.json"] {
		plaintext.public(key, "x")
		not plaintext.public(key, pem("OPENSSH PRIVATE KEY"))
	}
	plaintext.public("ca.crt", pem("CERTIFICATE"))
	plaintext.public("caFile", concat("", [pem("CERTIFICATE"), pem("CERTIFICATE")]))
	plaintext.public("a.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----")
	not plaintext.public("a.asc", "-----BEGIN PGP PRIVATE KEY BLOCK-----")
	not plaintext.public("ca.crt", concat("", [pem("CERTIFICATE"), pem("RSA PRIVATE KEY")]))
	not plaintext.public("ca.crt", "x")
	not plaintext.public("tls.key", pem("CERTIFICATE"))
}
