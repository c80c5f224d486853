//! Opens pages in the user's browser.
//!
//! Not by the crate `webbrowser`: it gives the browser the program's whole environment, which may
//! hold tokens (version 1.2.6, read 2026-11-30).

use std::process::{Command, Stdio};

use super::environment;

/// Passes an address to the desktop as one argument, never through a shell. Returns whether a
/// program for it could be started.
pub(super) fn open_page(page: &str) -> bool {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = Command::new(opener);
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A browser outlives the command and its terminal: Ctrl-C and a closed terminal end the
    // terminal's own group.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    // It needs no token.
    for name in environment::list_secret_names() {
        command.env_remove(name);
    }
    command.spawn().is_ok()
}
