# expect: 6 inventory, 8 data, 10 data
# path: policies/lib/pods/pods.rego

package lib.pods

all := data.inventory.namespace

named(name) := data[name]

other := data.kubernetes
