//! What verdicts are called in documents.

use crate::check::Verdict;

/// Returns the verdict's name in documents.
pub fn encode_verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "ready",
        Verdict::AtTag => "at_tag",
        Verdict::Unreserved => "unreserved",
        Verdict::Unlinked => "unlinked",
        Verdict::NeedsConfirmation => "needs_confirmation",
        Verdict::Blocked => "blocked",
    }
}
