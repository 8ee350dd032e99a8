# expect: 6 format-verb, 8 format-verb, 10 format-verb, 12 format-verb
# path: policies/lib/result/result.rego

package lib.result

told(x) := sprintf("%t", [x])

quoted(x) := sprintf("%v is %q", [x, x])

padded(x) := sprintf(`%02d`, [x])

given(format, x) := sprintf(format, [x])
