//! The transport: TLS, credentials bound to a host, time-outs, retries. Knows no endpoint.
//!
//! A credential goes only to the origin that it was given for: redirects and links to another origin are
//! refused, and so is plain http except to loopback. May name `model` and
//! `clock`. The only module that names reqwest.

mod address;
mod answer;
mod budget;
mod builder;
mod call;
mod call_log;
mod call_time;
mod client;
mod credential;
mod delivery;
mod download;
mod error;
mod log_in;
mod options;
mod pace;
mod pacer;
mod proxy;
mod public_address;
mod redactor;
mod retry;
mod send_file;
mod upload;

pub use address::Origin;
pub use answer::{Answer, UploadAnswer};
pub use budget::Budget;
pub use call::{Call, Idempotency, Method};
pub use client::{Client, Stats};
pub use credential::{Credential, SessionCookie};
pub use delivery::{Delivered, Delivery, DeliveryError, check_addresses, deliver};
pub use download::Sink;
pub use error::HttpError;
pub use options::{ClientOptions, READ_TIMEOUT};
pub use pace::{FLOOR, Floor};
pub use proxy::find_proxy;
pub use redactor::Redactor;
pub use retry::RETRY_BUDGET;
pub use upload::Upload;
