package lib.facts

import data.lib.lockdown

# What each component that applies objects falls back to where they name no account (lib.lockdown's settings).
default_accounts := fact if {
	fact := data.inventory.facts.default_accounts
} else := {component: lockdown.told(component, "default-service-account") |
	some component in ["flux-operator", "helm-controller", "kustomize-controller"]
}
