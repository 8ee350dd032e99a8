# expect:
# path: policies/lib/tables/flags.rego

package lib.tables.flags

bool := 1
