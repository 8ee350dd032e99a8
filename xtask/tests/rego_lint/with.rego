# expect: 7 with
# path: policies/lib/result/result.rego

package lib.result

limited if {
	data.lib.flux.mode == "git" with data.lib.flux.mode as "git"
}
