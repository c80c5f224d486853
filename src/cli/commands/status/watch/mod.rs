//! `zrel status --watch`: until the communities that were asked have decided.

mod waits;
mod watched;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::cli::args::status::Status;
use crate::cli::commands::workspace::Turn;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

use watched::Watched;

/// Shows the state of each record, and waits until no decision about any of them is open.
pub(super) fn watch(
    context: &Context,
    args: &Status,
    turns: &[Turn<'_>],
) -> Vec<Result<ExitCode, Failure>> {
    let mut all: Vec<Result<Watched<'_>, Failure>> = Vec::new();
    for turn in turns {
        turn.print_heading(args.output.format);
        all.push(Watched::begin(turn.context, args.output.format));
    }
    let is_open = |watched: &Result<Watched<'_>, Failure>| {
        watched.as_ref().is_ok_and(watched::Watched::is_open)
    };
    while all.iter().any(is_open) {
        say_waits(context, &all, args.interval);
        let has_time = pause(context, Duration::from_secs(args.interval));
        for slot in all.iter_mut().filter(|watched| is_open(watched)) {
            let Ok(watched) = slot else { continue };
            let outcome = if has_time { watched.look_again() } else { Err(report_no_time()) };
            if let Err(failure) = outcome {
                *slot = Err(failure);
            }
        }
    }
    all.into_iter().map(|watched| watched.map(|watched| watched.end())).collect()
}

/// Says whose decisions are waited for.
fn say_waits(context: &Context, all: &[Result<Watched<'_>, Failure>], interval: u64) {
    let open = all.iter().flatten().filter(|watched| watched.is_open());
    let names: BTreeSet<String> = open.flat_map(Watched::list_names).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    // What was decided may wait to be recorded, and nothing else.
    let who = if names.is_empty() { "the server".to_owned() } else { names };
    context.terminal.inform(&format!("Waiting for {who}: looking again in {interval} s."));
}

/// Waits for a while; returns whether there is time left.
fn pause(context: &Context, interval: Duration) -> bool {
    let deadline = &context.time().1;
    context.runtime.block_on(deadline.sleep(interval));
    !deadline.is_over()
}

fn report_no_time() -> Failure {
    let message = "the time of the run is over, and a community has not decided yet";
    Failure::new(ExitCode::Waiting, message)
}
