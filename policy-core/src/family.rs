//! The families of controls.

/// Every family by the middle part of its controls' IDs, with its title, in the order in which they are listed.
pub const FAMILIES: [(&str, &str); 14] = [
    ("SC", "Supply chain"),
    ("PSS", "Pod security"),
    ("RBAC", "Permissions of the controllers"),
    ("HC", "Helm Controller"),
    ("KC", "Kustomize Controller"),
    ("SEC", "Secrets in sources"),
    ("MT", "Multi-tenancy: lock-down"),
    ("KEK", "Multi-tenancy: encryption keys"),
    ("RES", "Multi-tenancy: resource isolation"),
    ("NODE", "Multi-tenancy: node isolation"),
    ("NET", "Network isolation"),
    ("TDC", "Clusters dedicated to a tenant"),
    ("PROC", "Process"),
    ("EXT", "Beyond the security pages"),
];

/// The family of a control's ID: `KC` of `FX-KC-03`. All of it where it is no such ID.
pub fn family(id: &str) -> &str {
    id.split('-').nth(1).unwrap_or(id)
}
