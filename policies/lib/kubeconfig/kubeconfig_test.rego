package lib.kubeconfig_test

import data.lib.kubeconfig

of(text) := found if {
	all_of := kubeconfig.traits({"stringData": {"value": sprintf("clusters:\n%v", [text])}})
	found := all_of.value
}

test_traits if {
	every text, expected in {
		"- cluster: {server: 'https://a'}": [],
		"- cluster:\n    server: https://a\n    certificate-authority-data: QUJD": [],
		"- cluster:\n    server: http://a": ["http"],
		"- cluster:\n    server: \"HTTP://a\"": ["http"],
		"- cluster:\n    insecure-skip-tls-verify: true": ["tls"],
		"- cluster: {insecure-skip-tls-verify: Yes}": ["tls"],
		"- cluster:\n    insecure-skip-tls-verify: false": [],
		"users:\n- name: x\n  user:\n    exec:\n      command: aws": ["exec"],
		"users: [{name: exec, user: {token: x}}]": [],
		"users: [{user: {tokenFile: /t}}]": ["files"],
		"users: [{user: {client-certificate-data: x}}]": [],
		"- cluster:\n    certificate-authority: ''": [],
		"- cluster: &a {server: x}": ["opaque"],
		"- \"\\x65xec\": {}": ["opaque"],
		"- server: >-\n    http://x": ["opaque"],
	} {
		of(text) == expected
	}
}

test_json if {
	found := kubeconfig.traits({"stringData": {"value": `{"clusters":[{"cluster":{"server":"http://a","insecure-skip-tls-verify":true}}],"users":[{"user":{"exec":{}}}]}`}})
	found.value == ["exec", "http", "tls"]
}

test_encoded if {
	every text in ["", "a", "ab", "abc"] {
		found := kubeconfig.traits({"data": {"value": base64.encode(sprintf("clusters: %v", [text]))}})
		found.value == []
	}
	broken := substring(base64.encode("clusters: []"), 0, 8)
	found := kubeconfig.traits({"data": {"value": sprintf("%v\n%v", [broken, substring(base64.encode("clusters: []"), 8, -1)])}})
	found.value == []
}

test_hidden if {
	every text in ["", "REDACTED", "YR==", "ENC[AES256_GCM,data:x]", 5] {
		kubeconfig.traits({"data": {"value": text}}) == {"value": ["hidden"]}
	}
	kubeconfig.traits({"stringData": {"value": 5}}) == {"value": ["hidden"]}
	kubeconfig.traits({"data": "x", "stringData": null}) == {}
	kubeconfig.traits({"data": {"value": "x"}, "sops": {"mac": "x"}}) == {}
	kubeconfig.traits(5) == {}
}
