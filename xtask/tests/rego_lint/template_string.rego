# expect: 6 template-string, 8 template-string
# path: policies/lib/result/result.rego

package lib.result

greeting(name) := $"hello {name}"

raw(name) := $`hello {name}`
