//! Flux releases and what they ship, from `policies/tables/releases.yaml`.

use std::sync::Arc;

use super::make::{self, Doubt, Said};

/// A release of Flux.
#[derive(Debug)]
pub(super) struct Release {
    /// `2.x.y`
    pub(super) version: &'static str,
    /// The version of each controller, in the order of [`Component::ALL`]; nothing where it is not part of the release.
    controllers: [Option<&'static str>; Component::ALL.len()],
}

include!(concat!(env!("OUT_DIR"), "/releases.rs"));

/// A Flux controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Component {
    Source,
    Kustomize,
    Helm,
    Notification,
    ImageReflector,
    ImageAutomation,
    SourceWatcher,
}

impl Component {
    /// Every controller, in the order of the table.
    pub(super) const ALL: [Self; 7] = [
        Self::Source,
        Self::Kustomize,
        Self::Helm,
        Self::Notification,
        Self::ImageReflector,
        Self::ImageAutomation,
        Self::SourceWatcher,
    ];

    /// Those that `flux install` and the operator install where nothing names others.
    pub(super) const DEFAULT: [Self; 4] = [Self::Source, Self::Kustomize, Self::Helm, Self::Notification];

    /// The name of the controller, its image, its Deployment.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Source => "source-controller",
            Self::Kustomize => "kustomize-controller",
            Self::Helm => "helm-controller",
            Self::Notification => "notification-controller",
            Self::ImageReflector => "image-reflector-controller",
            Self::ImageAutomation => "image-automation-controller",
            Self::SourceWatcher => "source-watcher",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|component| component.name() == name)
    }
}

impl Release {
    /// The version of a controller in this release.
    pub(super) fn controller(&self, component: Component) -> Option<&'static str> {
        let at = COMPONENTS.iter().position(|name| *name == component.name())?;
        self.controllers.get(at).copied().flatten()
    }
}

/// Minor and patch of a 2.x release.
type Number = (u32, u32);

/// What is known of the release that is installed.
#[derive(Clone, Debug)]
pub(super) struct Version {
    /// The version as Flux writes it (`v2.x.y`) and where it is said; or why it is not known.
    pub(super) exact: Result<Said<Arc<str>>, Doubt>,
    /// The oldest that it may be.
    lowest: Number,
    /// The newest that it may be; any where nothing bounds it.
    highest: Option<Number>,
}

impl Version {
    /// Any release.
    pub(super) fn unknown(doubt: Doubt) -> Self {
        Self {
            exact: Err(doubt),
            lowest: (0, 0),
            highest: None,
        }
    }

    /// A version, with or without `v`, or a range of versions as Flux's operator takes it.
    pub(super) fn read(said: &Said<Arc<str>>) -> Self {
        let text = said.value.trim();
        if let Some(number) = number(text) {
            return Self {
                exact: Ok(Said::new(format!("v2.{}.{}", number.0, number.1), said.at)),
                lowest: number,
                highest: Some(number),
            };
        }
        let (lowest, highest) = bounds(text).unwrap_or(((0, 0), None));
        let reason = format!(
            "the version {} leaves open which release of Flux it is",
            make::short(text)
        );
        Self {
            exact: Err(Doubt::new(reason, said.at)),
            lowest,
            highest,
        }
    }

    /// Whether what came with a release is there; nothing where it depends on which release this is.
    pub(super) fn since(&self, release: Number) -> Option<bool> {
        if self.lowest >= release {
            return Some(true);
        }
        self.highest.filter(|highest| *highest < release).map(|_| false)
    }

    /// Why the release is not known; nothing where it is.
    pub(super) fn doubt(&self) -> Option<&Doubt> {
        self.exact.as_ref().err()
    }

    /// The tag of a controller's image.
    pub(super) fn tag(&self, component: Component) -> Result<Said<String>, Doubt> {
        let version = self.exact.clone()?;
        let release = RELEASES
            .iter()
            .find(|release| version.value.strip_prefix('v') == Some(release.version));
        let unlisted = || {
            Doubt::new(
                format!("Flux {} is not among the releases known here", version.value),
                version.at,
            )
        };
        let tag = release
            .and_then(|release| release.controller(component))
            .ok_or_else(unlisted)?;
        Ok(Said::new(format!("v{tag}"), version.at))
    }
}

/// Minor and patch of an exact version.
fn number(text: &str) -> Option<Number> {
    let mut parts = text.trim_start_matches(['=', ' ']).trim_start_matches('v').split('.');
    let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| {
        part.parse()
            .ok()
            .filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    (major == "2" && parts.next().is_none()).then_some((digits(minor)?, digits(patch)?))
}

/// The bounds of a range of one part, such as `2.x`, `2.9.x`, `~2.9.1`, `^2.8` or `>=2.7.0`.
fn bounds(text: &str) -> Option<(Number, Option<Number>)> {
    let sign_end = text.find(|letter: char| !"~^<>=".contains(letter))?;
    let (sign, rest) = text.split_at_checked(sign_end)?;
    let mut parts = rest.trim_start().trim_start_matches('v').split('.');
    if parts.next() != Some("2") {
        return None;
    }
    let open = |part: &str| matches!(part, "x" | "X" | "*");
    let mut numbers = Vec::new();
    for part in parts.by_ref().take(2) {
        match part.parse::<u32>() {
            Ok(number) => numbers.push(number),
            Err(_) if open(part) => break,
            Err(_) => return None,
        }
    }
    if parts.any(|part| !open(part)) {
        return None;
    }
    let minor = numbers.first().copied();
    let lowest = (minor.unwrap_or(0), numbers.get(1).copied().unwrap_or(0));
    let highest = match sign {
        "" | "=" | "~" => minor.map(|minor| (minor, u32::MAX)),
        "^" | ">=" => None,
        _ => return None,
    };
    Some((lowest, highest))
}

#[cfg(test)]
mod tests {
    use super::{COMPONENTS, Component, RELEASES, Said, Version};
    use crate::source::SourceId;
    use crate::tree::Span;

    const AT: Span = Span {
        source: SourceId(3),
        start: 5,
        end: 9,
    };

    #[test]
    fn the_table_and_the_code_know_the_same_controllers() {
        assert_eq!(COMPONENTS, Component::ALL.map(Component::name));
        assert!(RELEASES.iter().any(|release| release.version == "2.0.0"));
    }

    #[test]
    fn an_exact_version_has_the_tags_of_its_release() {
        let version = Version::read(&Said::new("v2.9.4", AT));
        assert_eq!(version.tag(Component::Helm).unwrap(), Said::new("v1.6.3", AT));
        let old = Version::read(&Said::new("2.6.4", AT));
        assert_eq!(old.tag(Component::ImageReflector).unwrap().value, "v0.35.2");
        assert!(old.tag(Component::SourceWatcher).is_err(), "new in 2.7");
        let later = Version::read(&Said::new("2.12.1", AT));
        assert!(
            later.exact.is_ok() && later.tag(Component::Helm).is_err(),
            "not in the table"
        );
    }

    #[test]
    fn a_range_tells_what_all_its_releases_agree_on() {
        for (text, since_2_7, since_2_9) in [
            ("2.9.4", Some(true), Some(true)),
            ("2.8.x", Some(true), Some(false)),
            ("2.8", Some(true), Some(false)),
            ("~2.6.1", Some(false), Some(false)),
            (">=2.7.0", Some(true), None),
            ("^2.9", Some(true), Some(true)),
            ("2.x", None, None),
            ("2", None, None),
            ("*", None, None),
            ("<2.7", None, None),
            (">=2.6 <2.9", None, None),
            ("2.9.4-rc.1", None, None),
            ("latest", None, None),
            ("", None, None),
        ] {
            let version = Version::read(&Said::new(text, AT));
            assert_eq!(version.since((7, 0)), since_2_7, "{text}");
            assert_eq!(version.since((9, 0)), since_2_9, "{text}");
            assert_eq!(version.exact.is_ok(), text == "2.9.4", "{text}");
        }
    }
}
