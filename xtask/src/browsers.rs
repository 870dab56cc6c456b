//! Finding the browsers, drivers and servers that tests need. An environment variable names one that is not on PATH.

use std::env;
use std::path::PathBuf;

use crate::tools;

/// A browser, or what to tell the person who lacks it.
pub(crate) type Found = Result<PathBuf, &'static str>;

pub(crate) fn chromium() -> Found {
    find("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])
        .ok_or("no Chromium found: install chromium, or set CHROMIUM to its path")
}

pub(crate) fn chromedriver() -> Found {
    find("CHROMEDRIVER", &["chromedriver"])
        .ok_or("no chromedriver found: install chromium-driver, or set CHROMEDRIVER to its path")
}

/// Only whether it is there: geckodriver looks for Firefox itself.
pub(crate) fn firefox() -> Found {
    find("FIREFOX", &["firefox-esr", "firefox"]).ok_or("no Firefox found: install firefox-esr or firefox")
}

/// A program that the variable names, or else one of these names on PATH.
pub(crate) fn find(variable: &str, names: &[&str]) -> Option<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file());
    named.or_else(|| names.iter().find_map(|name| tools::on_path(name)))
}
