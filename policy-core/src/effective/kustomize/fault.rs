//! Why a step of a build cannot be done.

use crate::error::Problem;
use crate::tree::Span;

/// A step that failed, as kustomize would, or that cannot be decided here.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// kustomize fails for this reason.
    At {
        code: &'static str,
        span: Span,
        message: String,
    },
    /// A reader has already said it.
    Known(Problem),
    /// kustomize may well succeed, but not with what there is to read here.
    Unknowable {
        code: &'static str,
        span: Span,
        message: String,
    },
}

impl Fault {
    pub(super) fn new(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::At {
            code,
            span,
            message: message.into(),
        }
    }

    pub(super) fn unknowable(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::Unknowable {
            code,
            span,
            message: message.into(),
        }
    }
}
