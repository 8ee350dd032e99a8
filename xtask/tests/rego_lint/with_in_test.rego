# expect:
# path: policies/lib/result/result_test.rego

package lib.result_test

test_mode if data.lib.flux.mode == "git" with input as {"parameters": {"mode": "git"}} with data.inventory as {}
