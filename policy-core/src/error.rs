//! What can go wrong: with the input ([`Problem`]) and with the catalogue or configuration ([`LoadError`]).

use serde::{Deserialize, Serialize};

/// Something in the input that could not be read or decided. A report with a problem is incomplete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A stable code, such as `duplicate-key`.
    pub code: String,
    /// What is wrong and what to do about it.
    pub message: String,
    /// The name of the source, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl Problem {
    /// A problem of the whole request.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            source: None,
            line: None,
        }
    }

    /// The same problem, in a source.
    #[must_use]
    pub fn in_source(mut self, name: &str, line: Option<u32>) -> Self {
        self.source = Some(name.into());
        self.line = line;
        self
    }
}

/// Why a catalogue or a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A policy file is not a valid control.
    #[error("{file}:{line}: {message}")]
    Policy {
        /// The policy file.
        file: String,
        /// Its line, from 1.
        line: u32,
        /// What is wrong and what to do about it.
        message: String,
    },
    /// The Rego modules do not compile together; the text names file and line.
    #[error("the policies do not compile: {0}")]
    Compile(String),
    /// A file of settings is not what it should be.
    #[error("{file}:{line}: {message}")]
    File {
        /// The file.
        file: String,
        /// Its line, from 1.
        line: u32,
        /// The setting, what is wrong with it and what to do about it.
        message: String,
    },
    /// A setting is unknown or has a wrong value.
    #[error("{setting}: {message}")]
    Config {
        /// The setting's name, such as `profiles`.
        setting: String,
        /// What is wrong and what to do about it.
        message: String,
    },
}

impl LoadError {
    /// File and line (from 1) of the mistake, where it is in a file.
    pub fn place(&self) -> Option<(&str, u32)> {
        match self {
            Self::Policy { file, line, .. } | Self::File { file, line, .. } => Some((file, *line)),
            Self::Compile(_) | Self::Config { .. } => None,
        }
    }

    pub(crate) fn config(setting: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Config {
            setting: setting.into(),
            message: message.into(),
        }
    }
}
