package lib.facts

import data.lib.admission
import data.lib.patterns
import data.lib.workload

# Alerts: "active" ("yes", "no", "unknown": with provider and all), the event sources, and "weak", reasons why what
# they send may be missed.
alerts := fact if {
	fact := data.inventory.facts.alerts
} else := sort([alert |
	some obj in namespaced("notification.toolkit.fluxcd.io", "Alert")
	spec := admission.field(obj, "spec")
	providers := _providers_of(obj, spec)
	alert := {
		"object": admission.identity(obj),
		"active": _active({admission.field(spec, "suspend")} | {admission.field(admission.field(provider, "spec"), "suspend") | some provider in providers}, providers),
		"provider": [admission.identity(provider) | some provider in providers],
		"sources": [source | some source in admission.list(admission.field(spec, "eventSources")); is_object(source)],
		"weak": sort([reason | some reason in (_narrowed(spec) | {why | some provider in providers; some why in _quiet(provider)})]),
		"unread": _unread(spec),
	}
])

# Prometheus rules that alert of Flux objects which are not ready.
alert_rules := fact if {
	fact := data.inventory.facts.alert_rules
} else := sort([admission.identity(obj) |
	some obj in namespaced("monitoring.coreos.com", "PrometheusRule")
	_alerts_of_flux(admission.field(obj, "spec"))
])

_providers_of(obj, spec) := [provider |
	some provider in namespaced("notification.toolkit.fluxcd.io", "Provider")
	workload.namespace_of(provider) == workload.namespace_of(obj)
	workload.name_of(provider) == admission.field(admission.field(spec, "providerRef"), "name")
]

_active(suspended, providers) := "no" if {
	true in suspended
} else := "no" if {
	count(providers) == 0
} else := "yes" if {
	count(suspended - {null, false}) == 0
} else := "unknown"

_narrowed(spec) := {"the alert sends only what its inclusion list names" | admission.filled(admission.field(spec, "inclusionList"))} | {"the exclusion list of the alert fits messages of failures" |
	some pattern in admission.list(admission.field(spec, "exclusionList"))
	some message in _failures
	patterns.matches("regexp", pattern, message)
}

# The exclusion list is none, or holds an expression that is not judged.
_unread(spec) if {
	list := admission.field(spec, "exclusionList")
	list != null
	not is_array(list)
} else := count([1 | some pattern in admission.list(admission.field(spec, "exclusionList")); not patterns.readable("regexp", pattern)]) > 0

_failures := [
	"kustomize build failed: accumulating resources",
	"Deployment/apps/web dry-run failed (Forbidden): access denied",
	"health check failed after 30s: timeout waiting for: [Deployment/apps/web status: 'InProgress']",
	"Helm upgrade failed for release apps/web with chart web@1.0.0: context deadline exceeded",
	"Get \"https://10.0.0.1:6443/api\": dial tcp 10.0.0.1:6443: i/o timeout",
]

_quiet(provider) := {"the provider writes to commits or pull requests, where nobody looks for a failing cluster" |
	admission.field(admission.field(provider, "spec"), "type") in {
		"github", "gitlab", "gitea", "bitbucket", "bitbucketserver", "azuredevops", "githubdispatch",
		"githubpullrequestcomment", "gitlabmergerequestcomment", "giteapullrequestcomment",
	}
} | {"the Secret of the provider is missing" |
	name := admission.field(admission.field(admission.field(provider, "spec"), "secretRef"), "name")
	is_string(name)
	count(_secret_names) > 0
	not [workload.namespace_of(provider), name] in _secret_names
}

# That a Secret is missing is told where there are some.
_secret_names := {[workload.namespace_of(obj), workload.name_of(obj)] | some obj in namespaced("", "Secret")}

_alerts_of_flux(spec) if {
	some group in admission.list(admission.field(spec, "groups"))
	some rule in admission.list(admission.field(group, "rules"))
	is_string(admission.field(rule, "alert"))
	expression := admission.field(rule, "expr")
	is_string(expression)
	regex.match(`gotk_reconcile_condition|(gotk|flux)_resource_info[^}]*ready`, expression)
}
