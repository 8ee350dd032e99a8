//! Names and labels that Kubernetes takes, made of texts that it would not.

use sha2::{Digest, Sha256};

/// The longest namespace, and the longest value of a label.
const LONGEST: usize = 63;

/// The length of [`hash`].
const HASH: usize = 12;

/// Whether a text is a DNS label (RFC 1123), as the name of a namespace has to be.
pub(super) fn is_label(text: &str) -> bool {
    let is_end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_inner = |byte: u8| byte == b'-' || is_end(Some(byte));
    (1..=LONGEST).contains(&text.len())
        && is_end(text.bytes().next())
        && is_end(text.bytes().last())
        && text.bytes().all(is_inner)
}

/// A DNS label for any text, another one for another text: what is readable of it, and a hash.
pub(super) fn label(text: &str) -> String {
    let readable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let lower = text.to_ascii_lowercase();
    let words = lower.split(|c| !readable(c)).filter(|word| !word.is_empty());
    let mut label: String = words.collect::<Vec<_>>().join("-");
    label.truncate(LONGEST - HASH - 1);
    let hash = hash(text);
    match label.trim_end_matches('-') {
        "" => hash,
        words => format!("{words}-{hash}"),
    }
}

/// The beginning of a text's SHA-256.
pub(super) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(HASH / 2).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "tests may")]

    use super::{is_label, label};

    #[test]
    fn labels_are_labels() {
        let long = "clusters/".repeat(100);
        for name in [
            "clusters/production",
            "hub@flux-system/tenant-kubeconfig",
            "(unattached)",
            "Prod_EU.1",
            "-",
            "ünïcode/集群",
            "a",
            long.as_str(),
            &"-a".repeat(60),
        ] {
            let label = label(name);
            assert!(is_label(&label), "{name}: {label}");
        }
    }

    #[test]
    fn other_texts_have_other_labels() {
        let names = ["a/b", "a-b", "a_b", "A/b", "a/b/", ""];
        let labels: std::collections::BTreeSet<String> = names.iter().map(|name| label(name)).collect();
        assert_eq!(labels.len(), names.len(), "{labels:?}");
        let long = "x".repeat(100);
        assert_ne!(label(&long), label(&(long.clone() + "y")));
    }

    #[test]
    fn what_is_readable_stays() {
        assert!(label("clusters/production").starts_with("clusters-production-"));
    }

    #[test]
    fn no_namespaces() {
        for name in ["", "-a", "a-", "A", "a.b", "a_b", "${NAMESPACE}", &"a".repeat(64)] {
            assert!(!is_label(name), "{name}");
        }
        assert!(is_label(&"a".repeat(63)));
    }
}
