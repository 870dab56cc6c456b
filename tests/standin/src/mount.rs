//! Folders served as static files: the demo at `/`, the built package beside it.

use std::{path::PathBuf, str::FromStr};

/// A folder and the path it is served under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    dir: PathBuf,
    prefix: String,
}

impl Mount {
    /// A folder that exists and a path such as `/` or `/pkg`; otherwise a sentence about what is wrong.
    pub fn new(dir: impl Into<PathBuf>, prefix: &str) -> Result<Self, String> {
        let dir = dir.into();
        if !dir.is_dir() {
            return Err(format!("{} is not a folder", dir.display()));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if !prefix.starts_with('/') || prefix.contains("//") || !prefix.chars().all(plain) {
            return Err(format!(
                "the prefix \"{prefix}\" must start with / and hold only letters, digits, - _ . and /"
            ));
        }
        let prefix = prefix.trim_end_matches('/').to_owned();
        if ["/api", "/_standin"].iter().any(|taken| prefix == *taken || prefix.starts_with(&format!("{taken}/"))) {
            return Err(format!("the prefix \"{prefix}\" belongs to the stand-in itself"));
        }
        Ok(Self { dir, prefix })
    }

    /// The folder.
    pub fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// The path without a slash at its end, so the root is empty.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// `DIR` or `DIR=PREFIX`.
impl FromStr for Mount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.rsplit_once('=') {
            Some((dir, prefix)) if prefix.starts_with('/') => Self::new(dir, prefix),
            _ => Self::new(text, "/"),
        }
    }
}
