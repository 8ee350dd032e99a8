//! What tells that a file is encrypted with SOPS, in any of its formats, and what tells a private key.

use memchr::memmem;

use crate::effective::kustomize::{File, Files};
use crate::repository::is_manifest;

/// A private key that decrypts SOPS files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyType {
    Age,
    Pgp,
}

/// Whether SOPS has encrypted a file: its metadata is there, message authentication code included (facts: SOPS formats
/// in FX-SEC-02).
pub(super) fn is_encrypted(files: &Files, path: &str, file: &File) -> bool {
    let bytes = file.bytes();
    if memmem::find(bytes, b"ENC[").is_none() {
        return false;
    }
    if is_manifest(path) {
        let mut documents = files.objects(file).documents.iter();
        return documents.any(|document| document.root.text_at(&["sops", "mac"]).is_some());
    }
    let starts_line = |sign: &[u8]| {
        memmem::find_iter(bytes, sign).any(|at| at == 0 || bytes.get(at - 1).is_some_and(|byte| *byte == b'\n'))
    };
    starts_line(b"sops_mac=ENC[") || starts_line(b"[sops]") || memmem::find(bytes, b"\"sops\"").is_some()
}

/// The private key in a file, as `age-keygen` and `gpg --export-secret-keys --armor` write it.
pub(super) fn private_key(bytes: &[u8]) -> Option<KeyType> {
    /// Characters after the sign of a real key: 52 of data and 6 of a checksum.
    const AGE_LENGTH: usize = 58;
    const AGE: &[u8] = b"AGE-SECRET-KEY-1";
    let is_key = |at: usize| {
        let rest = bytes.get(at + AGE.len()..at + AGE.len() + AGE_LENGTH);
        rest.is_some_and(|rest| {
            rest.iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
    };
    if memmem::find_iter(bytes, AGE).any(is_key) {
        return Some(KeyType::Age);
    }
    let is_block = |at: usize| {
        let starts_line = at == 0 || bytes.get(at - 1) == Some(&b'\n');
        let rest = bytes.get(at..).unwrap_or(&[]);
        starts_line && memmem::find(rest, b"\n-----END PGP PRIVATE KEY BLOCK-----").is_some()
    };
    memmem::find_iter(bytes, b"-----BEGIN PGP PRIVATE KEY BLOCK-----")
        .any(is_block)
        .then_some(KeyType::Pgp)
}

#[cfg(test)]
mod tests {
    use super::{KeyType, is_encrypted, private_key};
    use crate::effective::kustomize::Files;
    use crate::limits::Limits;
    use crate::source::{Source, SourceId};

    fn encrypted(path: &str, text: &str) -> bool {
        let mut files = Files::new(&Limits::standard());
        let source = Source {
            id: SourceId(0),
            name: path.into(),
            bytes: text.into(),
        };
        files.insert(path, source);
        is_encrypted(&files, path, files.get(path).unwrap())
    }

    #[test]
    fn every_format_of_sops_is_known() {
        for (path, text) in [
            ("a.yaml", "data: {a: 'ENC[AES256_GCM,data:x]'}\nsops: {mac: 'ENC[y]'}"),
            ("a.json", "{\"data\": \"ENC[x]\", \"sops\": {\"mac\": \"ENC[y]\"}}"),
            ("a.bin", "{\"data\": \"ENC[x]\", \"sops\": {\"mac\": \"ENC[y]\"}}"),
            (".env", "A=ENC[x]\nsops_mac=ENC[y]\n"),
            ("a.ini", "a = ENC[x]\n[sops]\nmac = ENC[y]\n"),
        ] {
            assert!(encrypted(path, text), "{path}");
        }
    }

    #[test]
    fn what_only_speaks_of_sops_is_plain() {
        for (path, text) in [
            ("a.yaml", "note: ENC[x]\nsops: {}"),
            ("a.yaml", "note: ENC[x]\nsops: {mac: ''}"),
            ("a.yaml", "sops: {mac: y}"),
            (".env", "A=ENC[x]\nB=sops_mac=ENC[y]"),
            ("a.txt", "ENC[x]"),
        ] {
            assert!(!encrypted(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn private_keys_are_told_from_talk_of_them() {
        let key = format!("AGE-SECRET-KEY-1{}", "Q".repeat(58));
        assert_eq!(private_key(key.as_bytes()), Some(KeyType::Age));
        assert_eq!(private_key(b"looks like AGE-SECRET-KEY-1..."), None);
        let block = b"x\n-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nmQ==\n-----END PGP PRIVATE KEY BLOCK-----\n";
        assert_eq!(private_key(block), Some(KeyType::Pgp));
        assert_eq!(
            private_key(b"begins with -----BEGIN PGP PRIVATE KEY BLOCK-----\n"),
            None
        );
        assert_eq!(private_key(b"-----BEGIN PGP PUBLIC KEY BLOCK-----"), None);
    }
}
