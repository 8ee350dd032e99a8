# expect: 7 print
# path: policies/lib/result/result_test.rego

package lib.result_test

test_at if {
	print("here")
}
