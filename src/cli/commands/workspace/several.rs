//! Runs one thing for several members at once, on one thread: what they wait for is the server.

use futures_util::StreamExt;
use futures_util::stream;

/// How many members are read or filled at once at most: each waits for the server most of the time,
/// which allows 100 requests a minute (zenodo-facts.md, 2026-11-23).
pub(super) const READ_AT_ONCE: usize = 8;

/// How many members are published at once at most: a server that answers no longer leaves so many of
/// which nobody knows whether they are published.
pub(super) const PUBLISH_AT_ONCE: usize = 4;

/// Runs this for each, so many at once, and returns the results in the same order.
pub(super) async fn run_for_several<T, R>(
    at_once: usize,
    items: impl IntoIterator<Item = T>,
    run: impl AsyncFn(T) -> R,
) -> Vec<R> {
    let run = &run;
    let runs = items.into_iter().enumerate().map(async |(at, item)| (at, run(item).await));
    let mut done: Vec<(usize, R)> = stream::iter(runs).buffer_unordered(at_once).collect().await;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
