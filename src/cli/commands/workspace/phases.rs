//! The phases of an apply: all drafts are filled, then read again, and then published.

use std::cell::Cell;

use serde_json::Value as Json;
use tokio::sync::Semaphore;

use crate::apply::Stop;
use crate::cli::args::apply::{Apply, Until};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption::Interruption;
use crate::render::escape_text;
use crate::terminal::Terminal;

use super::layers::order_by_links;
use super::phase::Phase;
use super::several::{PUBLISH_AT_ONCE, READ_AT_ONCE, run_for_several};
use super::work::{Ready, Unpublished, Work};

/// Fills and compares all drafts, then publishes them. Returns the code of each member, and what to
/// say of it in a document.
///
/// # Errors
/// A [`Failure`] before anything is published.
pub(super) fn run_phases(
    context: &Context,
    args: &Apply,
    works: &mut [Work<'_>],
    unpublished: Unpublished,
) -> Result<Vec<(ExitCode, Json)>, Failure> {
    // All members together send as many files at once as one record alone.
    let uploads = Semaphore::new(args.jobs);
    context.runtime.block_on(async {
        // One for all: after a request to stop, no other member begins.
        let interruption = Interruption::listen(&context.terminal);
        let run = Run { context, stop: &interruption.stop, uploads: &uploads, jobs: args.jobs };
        let filled = run.fill(works).await?;
        if args.until == Some(Until::Fill) {
            return Ok(filled.into_iter().map(|result| (ExitCode::Done, result)).collect());
        }
        let ready = run.read_again(works).await?;
        run.refuse_stopped()?;
        Ok(run.publish(works, ready, unpublished).await)
    })
}

/// Says why a member is not begun: an error, or that it waits.
fn say_refusal(terminal: &Terminal, failure: &Failure) {
    if failure.code == ExitCode::Waiting {
        terminal.say(&escape_text(&failure.message));
    } else {
        terminal.say_error(&failure.text());
    }
}

/// One run over the members.
#[derive(Clone, Copy)]
struct Run<'a> {
    context: &'a Context,
    stop: &'a Stop,
    uploads: &'a Semaphore,
    jobs: usize,
}

impl Run<'_> {
    /// Brings each draft to its manifest, and compares it.
    async fn fill(self, works: &mut [Work<'_>]) -> Result<Vec<Json>, Failure> {
        let n_bytes = works.iter().filter(|work| work.is_to_fill()).map(Work::upload_bytes).sum();
        let n_members = works.iter().filter(|work| work.is_to_fill()).count();
        let phase =
            &Phase::begin(&self.context.terminal, "fill", (n_members, n_bytes), self.uploads);
        let failed = Cell::new(false);
        let at_once = self.limit(READ_AT_ONCE);
        let results = run_for_several(at_once, works.iter_mut(), async |work: &mut Work<'_>| {
            // Those that are being filled end; no other one begins.
            if failed.get() || !work.is_to_fill() {
                return Ok(Json::Null);
            }
            let filled = match self.refuse_stopped() {
                Ok(()) => Box::pin(work.fill(self.stop, phase)).await,
                Err(failure) => Err(failure),
            };
            failed.set(failed.get() || filled.is_err());
            filled
        });
        let results = results.await;
        phase.end();
        self.collect(results)
    }

    /// Reads all drafts again, and compares them with the plans.
    async fn read_again(self, works: &mut [Work<'_>]) -> Result<Vec<Ready>, Failure> {
        let failed = Cell::new(false);
        let at_once = self.limit(READ_AT_ONCE);
        let results = run_for_several(at_once, works.iter_mut(), async |work: &mut Work<'_>| {
            // Nothing is published any more: what the others are like does not matter.
            if failed.get() {
                return Ok(None);
            }
            let ready = match self.refuse_stopped() {
                Ok(()) => work.read_again().await.map(Some),
                Err(failure) => Err(failure),
            };
            failed.set(failed.get() || ready.is_err());
            ready
        });
        Ok(self.collect(results.await)?.into_iter().flatten().collect())
    }

    /// Publishes each member after those that it links to, and none that links to one which is not
    /// published.
    async fn publish(
        self,
        works: &mut [Work<'_>],
        ready: Vec<Ready>,
        mut unpublished: Unpublished,
    ) -> Vec<(ExitCode, Json)> {
        let phase = &Phase::begin(
            &self.context.terminal,
            "publish",
            (works.len(), works.iter().map(Work::upload_bytes_left).sum()),
            self.uploads,
        );
        let layers = order_by_links(&works.iter().map(Work::list_links).collect::<Vec<_>>());
        let mut results: Vec<(ExitCode, Json)> = vec![(ExitCode::Done, Json::Null); works.len()];
        let mut left = Vec::new();
        let mut waiting: Vec<Option<(&mut Work<'_>, Ready)>> =
            works.iter_mut().zip(ready).map(Some).collect();
        for layer in layers {
            let members: Vec<(usize, &mut Work<'_>, Ready)> = layer
                .into_iter()
                .filter_map(|at| waiting[at].take().map(|(work, ready)| (at, work, ready)))
                .collect();
            let at_once = self.limit(PUBLISH_AT_ONCE);
            let done = run_for_several(at_once, members, async |(at, work, ready)| {
                let refuse_dead_links = || {
                    let refused = work.refuse_dead_links(&unpublished);
                    refused.inspect_err(|failure| {
                        phase.write(|terminal| say_refusal(terminal, failure));
                    })
                };
                let begun = self.refuse_stopped().and_then(|()| refuse_dead_links());
                let (result, is_begun) = match begun {
                    Ok(()) => (Box::pin(work.publish(ready, self.stop, phase)).await, true),
                    Err(failure) => ((failure.code, failure.json()), false),
                };
                (at, work.key.clone(), result, is_begun)
            });
            for (at, key, result, is_begun) in done.await {
                // One that waits for another one's review goes on by itself: nothing failed.
                if !is_begun && result.0 != ExitCode::Waiting {
                    left.push(key.clone());
                }
                // A published record that waits for a community is no dead link.
                let is_published = !result.1["record"].is_null();
                if result.0 == ExitCode::Waiting && !is_published {
                    unpublished.awaited.insert(key);
                } else if result.0 != ExitCode::Done && !is_published {
                    unpublished.failed.insert(key);
                }
                results[at] = result;
            }
        }
        phase.end();
        if !left.is_empty() {
            self.report_left(&left);
        }
        results
    }

    /// Returns how many members are done at once: one by one where files are sent one by one.
    fn limit(self, at_most: usize) -> usize {
        if self.jobs == 1 { 1 } else { at_most }
    }

    /// Refuses to begin a member after a request to stop, and when the time is over.
    fn refuse_stopped(self) -> Result<(), Failure> {
        let left = "a member that was not begun is as it was";
        if self.stop.is_asked() {
            return Err(Failure::new(ExitCode::Interrupted, format!("interrupted; {left}")));
        }
        if self.context.time().1.is_over() {
            let message = format!("the time of the run is over; {left}");
            return Err(Failure::new(ExitCode::Partly, message));
        }
        Ok(())
    }

    /// Returns all results, or the failure to look at first; the others are printed.
    fn collect<T>(self, results: Vec<Result<T, Failure>>) -> Result<Vec<T>, Failure> {
        let (mut done, mut failures) = (Vec::new(), Vec::new());
        for result in results {
            match result {
                Ok(result) => done.push(result),
                Err(failure) => failures.push(failure),
            }
        }
        let worst = ExitCode::worst(failures.iter().map(|failure| failure.code));
        let Some(first) = failures.iter().position(|failure| failure.code == worst) else {
            return Ok(done);
        };
        let first = failures.remove(first);
        for other in &failures {
            self.context.terminal.say_error(&other.text());
        }
        Err(first)
    }

    fn report_left(self, keys: &[String]) {
        let message = format!("not begun: {}", keys.join(", "));
        let failure = Failure::new(ExitCode::Partly, message)
            .hint("run `zrel apply` again at the root of the workspace: it goes on from here");
        self.context.terminal.say_error(&failure.text());
    }
}
