//! What a tree of files comes to: the objects as Flux would apply them.

pub mod kustomize;
