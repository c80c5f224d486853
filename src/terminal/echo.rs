//! Keeps a terminal from showing what is typed.

/// A terminal that shows nothing; it shows again when this is dropped.
#[cfg(unix)]
pub(super) struct Hidden(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Hidden {
    /// Hides what is typed into stdin from now on. `rpassword` does so only when it begins to read:
    /// what is pasted right after the question would be seen.
    pub(super) fn start() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let Ok(before) = tcgetattr(std::io::stdin()) else { return Self(None) };
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        let done = tcsetattr(std::io::stdin(), OptionalActions::Now, &hidden);
        Self(done.is_ok().then_some(before))
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let now = rustix::termios::OptionalActions::Now;
            let _ = rustix::termios::tcsetattr(std::io::stdin(), now, before);
        }
    }
}

/// Nothing: only Unix can do it before the reading begins.
#[cfg(not(unix))]
pub(super) struct Hidden;

#[cfg(not(unix))]
impl Hidden {
    pub(super) fn start() -> Self {
        Self
    }
}
