# expect:
# path: policies/lib/facts/pods.rego

package lib.facts

pods := [x | some ns in data.inventory.namespace; some x in ns]
