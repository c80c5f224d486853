//! Why a browser gives no cookies.

use std::time::Duration;

/// Why a browser did not give its cookies.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// It can't be started.
    #[error("can't start `{program}`")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// It ended, or was closed.
    #[error("the browser ended{}", .0.as_ref().map_or_else(String::new, |last| format!(": {last}")))]
    Ended(Option<String>),
    /// It does not answer.
    #[error("the browser did not answer within {} s", .0.as_secs())]
    Silence(Duration),
    /// Its port does not speak the protocol.
    #[error("nothing on port {port} speaks as a browser does: {fault}")]
    Port {
        /// The port.
        port: u16,
        /// What was wrong.
        fault: String,
    },
    /// It refused a message, in its own words.
    #[error("the browser refused {what}: {answer}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// Its words.
        answer: String,
    },
}
