//! What goes wrong on the way, and what is lost after it.

use zrel::local::{ConcurrentAction, Fault, FaultKind, MixUp, Unreadable};

/// What goes wrong at one request, or at one journal entry.
#[derive(Debug, Clone)]
pub(crate) enum Injected {
    /// The server's fault, or another client's work.
    Fault(FaultKind),
    /// The same at this and every later request, until the run has ended.
    Outage(FaultKind),
    /// The same at this request and the next.
    Twice(FaultKind),
    /// The program is killed: when the request is made, or when it is done and not answered.
    Kill { after: bool },
    /// The program is killed when this request and the next three are done and not answered, as far
    /// as it makes them at once.
    KillAtSeveral,
    /// The program is killed right before or right after a journal entry is written.
    KillAtEntry,
    /// The program is killed when a request is done and not answered, and the first reads of the
    /// next run show the state of so many writes ago.
    KillThenStale { writes: usize },
}

/// How many requests are left without an answer when the program is killed at several.
pub(crate) const SEVERAL: usize = 4;

/// How many reads are stale: the record, its deposition, and what is read next.
const STALE_READS: usize = 3;

/// An injected fault by its name in the list of failures.
pub(crate) type Named = (&'static str, Injected);

/// Returns all injected faults.
pub(crate) fn injections() -> Vec<Named> {
    let faults = list_faults().into_iter();
    let faults = faults.map(|(name, kind)| (name, Injected::Fault(kind)));
    faults.chain(list_repeated_faults()).chain(list_kills()).collect()
}

fn status(status: u16, after: bool) -> FaultKind {
    FaultKind::Status { status, after }
}

/// Returns what goes wrong at one request.
fn list_faults() -> Vec<(&'static str, FaultKind)> {
    use FaultKind::{
        Cut, FileLost, HangAfter, HangBefore, ListingLag, Refuse, ResetAfter, ResetBefore, TooMany,
        VisibleLate, WrongChecksum,
    };
    vec![
        ("refuse", Refuse { millis: 60_000 }),
        ("reset-before", ResetBefore),
        ("reset-after", ResetAfter),
        ("500", status(500, false)),
        ("500-after", status(500, true)),
        ("502", status(502, false)),
        ("502-after", status(502, true)),
        ("503", status(503, false)),
        ("503-after", status(503, true)),
        ("504", status(504, false)),
        ("504-after", status(504, true)),
        ("429", TooMany { retry_after: 3 }),
        ("cut", Cut),
        ("hang-before", HangBefore),
        ("hang-after", HangAfter),
        ("wrong-checksum", WrongChecksum),
        ("file-lost", FileLost),
        ("late-504", VisibleLate { reads: 2, answered: false }),
        ("late", VisibleLate { reads: 2, answered: true }),
        ("listing-lag", ListingLag { reads: 2 }),
        ("other-edits-draft", FaultKind::Other(ConcurrentAction::EditsDraft)),
        ("other-opens-version", FaultKind::Other(ConcurrentAction::OpensVersion)),
        ("other-publishes", FaultKind::Other(ConcurrentAction::Publishes)),
        ("answer-of-other", FaultKind::MixedUp(MixUp::Other)),
        ("answer-of-version", FaultKind::MixedUp(MixUp::Version)),
        ("wrong-concept", FaultKind::MixedUp(MixUp::Concept)),
        ("stale", FaultKind::Stale { writes: 3, reads: STALE_READS }),
        ("file-without-name", FaultKind::Unreadable(Unreadable::FileName)),
        ("file-without-size", FaultKind::Unreadable(Unreadable::FileSize)),
        ("creator-as-text", FaultKind::Unreadable(Unreadable::Creator)),
    ]
}

/// Returns what goes wrong at two requests, or at all from one on.
fn list_repeated_faults() -> impl Iterator<Item = Named> {
    use FaultKind::{ResetAfter, ResetBefore, TooMany};
    let outages = [
        ("reset-before-for-long", ResetBefore),
        ("reset-after-for-long", ResetAfter),
        ("503-for-long", status(503, false)),
        ("504-after-for-long", status(504, true)),
        ("429-for-long", TooMany { retry_after: 3 }),
    ];
    let pairs = [
        ("reset-after-twice", ResetAfter),
        ("504-after-twice", status(504, true)),
        ("429-twice", TooMany { retry_after: 3 }),
    ];
    let pairs = pairs.map(|(name, kind)| (name, Injected::Twice(kind)));
    let outages = outages.map(|(name, kind)| (name, Injected::Outage(kind)));
    pairs.into_iter().chain(outages)
}

fn list_kills() -> [Named; 6] {
    [
        ("kill-before", Injected::Kill { after: false }),
        ("kill-after", Injected::Kill { after: true }),
        ("kill-at-several", Injected::KillAtSeveral),
        ("kill-at-entry", Injected::KillAtEntry),
        ("kill-then-lag", Injected::KillThenStale { writes: 1 }),
        ("kill-then-stale", Injected::KillThenStale { writes: usize::MAX }),
    ]
}

fn stale(writes: usize) -> FaultKind {
    FaultKind::Stale { writes, reads: STALE_READS }
}

impl Injected {
    /// Returns the server's faults for the request with this number, from 1.
    pub(crate) fn faults(&self, at: usize) -> Vec<Fault> {
        match self {
            Injected::Fault(kind) => vec![Fault::at(at, *kind)],
            Injected::Outage(kind) => {
                vec![Fault { times: usize::MAX, ..Fault::at(at, *kind) }]
            }
            Injected::Twice(kind) => vec![Fault { times: 2, ..Fault::at(at, *kind) }],
            Injected::KillAtSeveral => {
                vec![Fault { times: SEVERAL, ..Fault::at(at, FaultKind::HangAfter) }]
            }
            Injected::Kill { after: false } => vec![Fault::at(at, FaultKind::HangBefore)],
            Injected::Kill { after: true } => vec![Fault::at(at, FaultKind::HangAfter)],
            Injected::KillAtEntry => Vec::new(),
            // The second is never met: with it the server begins to remember.
            Injected::KillThenStale { writes } => {
                let hang = Fault::at(at, FaultKind::HangAfter);
                vec![hang, Fault::at(usize::MAX, stale(*writes))]
            }
        }
    }

    /// Returns the server's faults for the run after the one that failed.
    pub(crate) fn faults_of_next_run(&self) -> Vec<Fault> {
        match self {
            Injected::KillThenStale { writes } => vec![Fault::at(1, stale(*writes))],
            Injected::Fault(_)
            | Injected::Twice(_)
            | Injected::Outage(_)
            | Injected::Kill { .. }
            | Injected::KillAtSeveral
            | Injected::KillAtEntry => Vec::new(),
        }
    }

    /// Returns whether the program has to give up waiting.
    pub(crate) fn hangs(&self) -> bool {
        matches!(self, Injected::Fault(FaultKind::HangBefore | FaultKind::HangAfter))
    }

    /// Returns whether the program runs, and not only the engine: where it is killed, and where it
    /// gives up, so that what it prints of that is tried in each scenario.
    pub(crate) fn needs_program(&self) -> bool {
        !matches!(self, Injected::Fault(_) | Injected::Twice(_))
    }

    /// Returns whether another client works on the same record.
    pub(crate) fn is_somebody_else(&self) -> bool {
        matches!(self, Injected::Fault(FaultKind::Other(_)))
    }

    /// Returns whether another client may leave a draft open.
    pub(crate) fn opens_a_draft(&self) -> bool {
        matches!(self, Injected::Fault(FaultKind::Other(ConcurrentAction::OpensVersion)))
    }

    /// Returns whether a look shows an earlier state.
    pub(crate) fn hides_what_is_there(&self) -> bool {
        matches!(
            self,
            Injected::Fault(FaultKind::VisibleLate { .. } | FaultKind::Stale { .. })
                | Injected::KillThenStale { .. }
        )
    }

    /// Returns whether an answer lists an unreadable entry.
    pub(crate) fn is_unreadable(&self) -> bool {
        matches!(self, Injected::Fault(FaultKind::Unreadable(_)))
    }

    /// Returns whether the loss leaves nothing to continue from: what was created, is remembered by
    /// neither journal nor lock, and is not listed yet, can't be known. The lock learns of it from
    /// the answer.
    pub(crate) fn is_hopeless_with(&self, loss: LocalLoss, is_unanswered: bool) -> bool {
        let in_lock = !is_unanswered && !loss.of_lock();
        matches!(self, Injected::KillThenStale { .. }) && loss.of_journal() && !in_lock
    }

    /// Returns whether an upload does not end as the answer says.
    pub(crate) fn damages_files(&self) -> bool {
        matches!(self, Injected::Fault(FaultKind::WrongChecksum | FaultKind::FileLost))
    }
}

/// What is lost between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalLoss {
    /// Nothing.
    Nothing,
    /// `.zrel`: the journal and the cache.
    Journal,
    /// What the run wrote into `zenodo.lock`.
    Lock,
    /// Both: a fresh runner.
    Both,
}

/// All losses, with their names.
pub(crate) const LOSSES: [(&str, LocalLoss); 4] = [
    ("kept", LocalLoss::Nothing),
    ("zrel-deleted", LocalLoss::Journal),
    ("lock-reverted", LocalLoss::Lock),
    ("fresh", LocalLoss::Both),
];

impl LocalLoss {
    /// Returns whether the journal is lost.
    pub(crate) fn of_journal(self) -> bool {
        matches!(self, LocalLoss::Journal | LocalLoss::Both)
    }

    /// Returns whether what the lock learned is lost.
    pub(crate) fn of_lock(self) -> bool {
        matches!(self, LocalLoss::Lock | LocalLoss::Both)
    }
}
