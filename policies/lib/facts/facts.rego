# Everything that depends on the inventory alone. The engine evaluates `all` once for a cluster and hands
# it back as `data.inventory.facts`; where that is absent every rule computes its own.
package lib.facts

all := {
	"available": available,
	"controller_accounts": controller_accounts,
	"controllers": controllers,
	"first_pods": first_pods,
	"flux_namespaces": flux_namespaces,
	"lanes": lanes,
	"openshift": openshift,
	"operators": operators,
	"owners": owners,
	"reported_versions": reported_versions,
	"services": services,
	"stores": stores,
	"template_containers": template_containers,
	"watched_namespaces": watched_namespaces,
}
