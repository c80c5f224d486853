//! Keeps a terminal from showing what is typed.

#[cfg(unix)]
use std::sync::{Mutex, PoisonError};

/// How the terminal was before it was told to show nothing; none while it shows what is typed.
#[cfg(unix)]
static BEFORE: Mutex<Option<rustix::termios::Termios>> = Mutex::new(None);

/// A terminal that shows nothing; it shows again when this is dropped.
pub(super) struct Hidden;

impl Hidden {
    /// Hides what is typed into stdin from now on. `rpassword` does so only when it begins to read:
    /// what is pasted right after the question would be seen. Only on Unix.
    pub(super) fn start() -> Self {
        #[cfg(unix)]
        {
            use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
            if let Ok(before) = tcgetattr(std::io::stdin()) {
                let mut hidden = before.clone();
                hidden.local_modes.remove(LocalModes::ECHO);
                *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
                let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &hidden);
            }
        }
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        restore();
    }
}

/// Makes the terminal as it was before; does nothing where nothing is hidden.
pub(super) fn restore() {
    #[cfg(unix)]
    if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let now = rustix::termios::OptionalActions::Now;
        let _ = rustix::termios::tcsetattr(std::io::stdin(), now, &before);
    }
}
