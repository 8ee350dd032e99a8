# expect: 5 metadata, 5 package, 5 package
# path: policies/flux/example/other.rego

# A control in the wrong place, without METADATA.
package flux.another

subject := true
