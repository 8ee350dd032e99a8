# expect: 6 input
# path: policies/lib/pods/pods.rego

package lib.pods

kind := input.kind

other(x) := x.input
