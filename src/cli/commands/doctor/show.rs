//! The checks as text and as a document.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::render::escape_text;

use super::check::{Check, Standing};

/// Returns the checks as text: a line each, and below it what to do.
pub(super) fn render_checks(checks: &[Check]) -> String {
    let mut out = String::new();
    for check in checks {
        let (mark, kind) = (check.standing.mark(), check.kind);
        let _ = writeln!(out, "{mark:<7} {kind:<18} {}", escape_text(&check.text));
        let advice = [("apply", &check.apply), ("mend", &check.mend)];
        for (word, text) in advice {
            if let Some(text) = text {
                let _ = writeln!(out, "{:26} {word}: {}", "", escape_text(text));
            }
        }
    }
    let n = checks.iter().filter(|check| check.standing == Standing::Blocks).count();
    let _ = match n {
        0 => writeln!(out, "\nNothing that was looked at stands in the way of `zrel apply`."),
        1 => writeln!(out, "\n1 thing stands in the way of `zrel apply`."),
        n => writeln!(out, "\n{n} things stand in the way of `zrel apply`."),
    };
    out
}

/// Returns the checks as a document.
pub(super) fn encode_checks(checks: &[Check]) -> Json {
    let is_blocked = checks.iter().any(|check| check.standing == Standing::Blocks);
    json!({
        "format_version": "1.0",
        "blocked": is_blocked,
        "checks": checks.iter().map(|check| json!({
            "kind": check.kind,
            "state": check.standing.word(),
            "text": check.text,
            "draft": check.draft.map(|id| id.0),
            "apply": check.apply,
            "mend": check.mend,
        })).collect::<Vec<_>>(),
    })
}
