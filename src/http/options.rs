//! What a client is made from.

use std::time::Duration;

use secrecy::SecretString;

use crate::clock::{Clock, Deadline};

use super::credential::Credential;
use super::pace::{FLOOR, Floor};

/// The default read timeout.
pub const READ_TIMEOUT: Duration = Duration::from_secs(90);

/// How long one call may take with its repeats, and how long the answer to an upload may take once
/// it has begun, by default.
const CALL_TIMEOUT: Duration = Duration::from_mins(5);

/// What a client is made from.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The server's address.
    pub base: String,
    /// The credential for it; without one, the client reads what is public.
    pub credential: Option<Credential>,
    /// The time.
    pub clock: Clock,
    /// How long the server may send nothing, by real time, until the call fails.
    pub read_timeout: Duration,
    /// How long one call may take with its repeats, even while bytes come. An upload may take as
    /// long as bytes move; only its answer has this limit.
    pub call_timeout: Duration,
    /// The lowest rate at which an answer's body may come.
    pub floor: Floor,
    /// After it no new request is sent, and a running one is ended.
    pub deadline: Deadline,
    /// Whether redirects of reads are followed, within the origin.
    pub follows: bool,
    /// How many clients share the server's limit of requests, with this one.
    pub n_clients: u32,
}

impl ClientOptions {
    /// Takes what every client needs.
    pub fn new(base: &str, token: Option<SecretString>, clock: Clock) -> Self {
        let deadline = clock.deadline_in(Duration::MAX);
        let (read_timeout, call_timeout, floor) = (READ_TIMEOUT, CALL_TIMEOUT, FLOOR);
        Self {
            base: base.to_owned(),
            credential: token.map(Credential::Token),
            clock,
            read_timeout,
            call_timeout,
            floor,
            deadline,
            follows: true,
            n_clients: 1,
        }
    }
}
