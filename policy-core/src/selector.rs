//! Names of controls in settings: IDs, families and slugs.

use crate::catalog::Control;
use crate::settings::Mistake;

/// How a name fits a control.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Match {
    /// As its family: `FX-NET`
    Family,
    /// As its ID, its slug, or an earlier slug
    Exact,
}

/// How a name fits a control, if it does.
pub(crate) fn matches(control: &Control, name: &str) -> Option<Match> {
    if control.id == name || control.slug == name || control.aliases.iter().any(|alias| alias == name) {
        return Some(Match::Exact);
    }
    control
        .id
        .strip_prefix(name)
        .is_some_and(|rest| rest.starts_with('-'))
        .then_some(Match::Family)
}

/// Refuses the name of no control: a misspelt one would quietly do nothing.
pub(crate) fn verify(controls: &[Control], name: &str) -> Result<(), Mistake> {
    match controls.iter().any(|control| matches(control, name).is_some()) {
        true => Ok(()),
        false => Err(Mistake::here(format!(
            "`{name}` names no control; `flux-audit controls` lists them"
        ))),
    }
}
