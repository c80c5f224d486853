//! The arguments of `zrel serve`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::local::{Apis, RateLimit};

/// Arguments of `serve`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Args)]
pub(in crate::cli) struct Serve {
    /// The port on 127.0.0.1; by default, that of the data folder's last run.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) port: Option<u16>,
    /// The folder of the data; by default, `.zrel/local`.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) data: Option<PathBuf>,
    /// Users, tokens and communities to begin with.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) seed: Option<PathBuf>,
    /// Faults to inject, to try how a release survives them.
    ///
    /// The file is TOML with one table [[faults]] per fault.
    /// `on` is a method and a path, as in "PUT /api/files/*"; either may be `*`.
    /// `nth` says which of these requests is hit, from 1, and `times` how many in a row.
    /// `do` is one of: refuse (for so many `millis`), reset-before, reset-after, 500, 502, 503,
    /// 504 (each also with -after), 429 (with `retry_after`), cut, hang-before, hang-after,
    /// wrong-checksum, file-lost, keywords-dropped, late, late-504, listing-lag (each for so many
    /// `reads`), stale (what was there so many `writes` ago, for so many `reads`),
    /// other-edits-draft, other-opens-version, other-publishes, other-modifies-files,
    /// other-loses-doi, other-accepts-review, answer-of-other, answer-of-version, wrong-concept,
    /// file-without-name, file-without-size, creator-as-text.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(in crate::cli) faults: Option<PathBuf>,
    /// Answer so many requests in a length of time, and 429 to the others: `100/5s`.
    #[arg(long, value_name = "N/TIME", value_parser = parse_rate)]
    pub(in crate::cli) rate: Option<RateLimit>,
    /// Which APIs to have: all of Zenodo's, or the records API alone, as other InvenioRDM servers
    /// have it (ids are then texts such as k7r11-g5g77).
    #[arg(long, value_enum, default_value_t = ServedApis::Zenodo, value_name = "NAME")]
    pub(in crate::cli) api: ServedApis,
    /// Lose the reserved DOI of a draft with a PUT of the records API that does not send it back, as
    /// older servers are reported to do; the draft can then neither reserve a DOI nor be published.
    #[arg(long)]
    pub(in crate::cli) lose_dois: bool,
    /// Publish a draft without a DOI as a record without one, as servers do where DOIs are an option.
    #[arg(long)]
    pub(in crate::cli) optional_dois: bool,
    /// Print a line per request on stderr.
    #[arg(long)]
    pub(in crate::cli) log_requests: bool,
    /// Only check whether the data are whole, and report what they contain.
    #[arg(long, conflicts_with_all = [
        "port", "seed", "faults", "rate", "api", "lose_dois", "optional_dois",
        "log_requests"
    ])]
    pub(in crate::cli) check: bool,
    /// Only move the data, damaged or not, into a new folder beside them, named by the time, so
    /// that the next command begins with an empty local server. Nothing is deleted.
    #[arg(long, conflicts_with_all = [
        "check", "port", "seed", "faults", "rate", "api", "lose_dois", "optional_dois",
        "log_requests"
    ])]
    pub(in crate::cli) set_aside: bool,
}

/// Which APIs the local server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ServedApis {
    /// The deposit API and the records API.
    Zenodo,
    /// The records API.
    Records,
}

impl From<ServedApis> for Apis {
    fn from(served: ServedApis) -> Self {
        match served {
            ServedApis::Zenodo => Self::Zenodo,
            ServedApis::Records => Self::Records,
        }
    }
}

fn parse_rate(text: &str) -> Result<RateLimit, String> {
    RateLimit::parse(text).ok_or_else(|| "give a number and a length of time: `100/5s`".to_owned())
}
