//! What `zrel apply` would do now: the plan, made as `zrel plan` makes it.

use crate::check::{Checked, Verdict};
use crate::cli::args::Limits;
use crate::cli::commands::plan::hash_inventory;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::failure::Failure;
use crate::engine::{Project, Session, make_plan, make_policy};
use crate::model::Severity;
use crate::plan::PlanFlags;
use crate::render::render_plan_summary;

use super::check::{Check, Standing};
use super::connection::with_hints;

/// Makes the plan of the project.
///
/// # Errors
/// A [`Failure`] when files, lock or server can't be read.
pub(super) async fn make_checked_plan(
    context: &Context,
    project: &Project,
    session: &Session,
) -> Result<Checked, Failure> {
    let limits = Limits { max_files: usize::MAX, max_bytes: u64::MAX };
    let inputs = project.gather(hash_inventory(context, project, &limits)?)?;
    let readers = environment::choose_readers();
    let policy = make_policy(project, &inputs, PlanFlags::default(), readers);
    let observed = session.observe_with_edit(&inputs, &policy).await?;
    Ok(make_plan(&inputs, &observed, &policy))
}

/// Checks the plan.
pub(super) fn check_plan(made: &Result<Checked, Failure>) -> Check {
    let kind = "plan";
    let checked = match made {
        Ok(checked) => checked,
        Err(failure) => {
            let text = if failure.causes.is_empty() {
                failure.message.clone()
            } else {
                format!("{}: {}", failure.message, failure.causes.join(": "))
            };
            let code = failure.code.number();
            let check = Check::new(kind, Standing::Blocks, text)
                .apply(format!("stops before it sends anything (exit code {code})"));
            return with_hints(check, &failure.hints);
        }
    };
    match checked.verdict() {
        Verdict::Blocked => {}
        Verdict::Ready
        | Verdict::AtTag
        | Verdict::Unreserved
        | Verdict::Unlinked
        | Verdict::NeedsConfirmation => {
            return Check::new(kind, Standing::Good, summarize(checked));
        }
    }
    let errors = || checked.findings().iter().filter(|it| it.severity == Severity::Error);
    let texts: Vec<String> = errors().map(|it| format!("{} ({})", it.summary, it.code)).collect();
    let hints: Vec<String> = errors().flat_map(|it| it.hints.clone()).collect();
    let check = Check::new(kind, Standing::Blocks, texts.join("; "))
        .apply("is blocked, and sends nothing (exit code 11 or 15)");
    with_hints(check, &hints)
}

/// Returns the lines of the plan's summary as one, without colours.
fn summarize(checked: &Checked) -> String {
    let summary = anstream::adapter::strip_str(&render_plan_summary(checked)).to_string();
    let lines: Vec<&str> = summary.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.join(" ")
}
