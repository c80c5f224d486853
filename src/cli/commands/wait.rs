//! `zrel wait`: until published records are there for everybody, all of them at once.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use super::workspace::run_for_each;
use crate::cli::args::Format;
use crate::cli::args::wait::Wait;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::named_records::{NamedRecord, Records, make_connect_options};
use crate::cli::selection::Compared;
use crate::clock::Deadline;
use crate::compare::{Agreement, Fact, Verified};
use crate::engine::verify::{DOI_ORG, DoiResolver, WaitEnd, Waited, Waiter};
use crate::model::Server;
use crate::render::{describe_facts, encode_fact, escape_text, name_version};

/// How long is waited where no `--time-limit` is given: a DOI is registered within minutes.
const USUAL_LIMIT: Duration = Duration::from_mins(15);

pub(super) fn run(context: &Context, args: &Wait) -> Result<ExitCode, Failure> {
    // Named records are no members.
    if !args.named.records.is_empty() {
        return wait(context, args);
    }
    run_for_each(context, (&args.members, args.output.format), Compared::Together, |own| {
        wait(own, args)
    })
}

/// Waits for the records that are named, or for the one of the manifest.
fn wait(context: &Context, args: &Wait) -> Result<ExitCode, Failure> {
    let (clock, deadline) = context.time();
    let usual = clock.deadline_in(USUAL_LIMIT);
    let deadline = if context.global.time_limit.is_some() { deadline } else { &usual };
    let ends = context.runtime.block_on(async {
        let records = Records::find(context, &args.named).await?;
        let ended = wait_for_all(context, args, (&records, deadline)).await;
        records.close().await;
        ended
    })?;
    let codes: Vec<ExitCode> = ends.iter().map(|(end, _)| choose_code(*end)).collect();
    if args.output.format == Format::Json {
        let records: Vec<Json> = ends.into_iter().map(|(_, document)| document).collect();
        context.put_document(json!({"format_version": "1.0", "records": records}));
    } else if codes.is_empty() {
        context.terminal.print("No version is published yet.\n");
    }
    Ok(ExitCode::worst(codes))
}

async fn wait_for_all(
    context: &Context,
    args: &Wait,
    (records, deadline): (&Records, &Deadline),
) -> Result<Vec<(WaitEnd, Json)>, Failure> {
    let mut resolver = None;
    if args.resolve {
        for record in &records.all {
            refuse_rehearsal(args, records.server_of(record))?;
        }
        let address = args.resolver.as_deref().unwrap_or(DOI_ORG);
        resolver = Some(DoiResolver::new(address, &make_connect_options(context))?);
    }
    let waits = records.all.iter().map(|record| {
        let waiter = Waiter {
            verifier: records.verifier_of(record),
            resolver: resolver.as_ref(),
            clock: &context.time().0,
            deadline,
        };
        wait_for_one(context, args, record, waiter)
    });
    // One that fails ends no other: the others have their lines then.
    join_all(waits).await.into_iter().collect()
}

/// Refuses to ask doi.org about DOIs that it never gets.
fn refuse_rehearsal(args: &Wait, server: &Server) -> Result<(), Failure> {
    if args.resolver.is_some() || !server.is_rehearsal() {
        return Ok(());
    }
    let name = escape_text(&server.name);
    let message = format!("--resolve: server `{name}` is a rehearsal, whose DOIs lead nowhere");
    Err(Failure::new(ExitCode::Usage, message).hint("leave --resolve out"))
}

/// Waits for one record, and prints its line.
async fn wait_for_one(
    context: &Context,
    args: &Wait,
    record: &NamedRecord,
    waiter: Waiter<'_>,
) -> Result<(WaitEnd, Json), Failure> {
    let begin = waiter.clock.now();
    let is_said = std::sync::atomic::AtomicBool::new(false);
    let say = |verified: &Verified| {
        // The first look says what is waited for; the last line says what became of it.
        if !is_said.swap(true, std::sync::atomic::Ordering::Relaxed) {
            let differs = |fact: &&Fact| fact.agreement() == Agreement::Differs;
            let missing = describe_facts(verified.facts.iter().filter(differs));
            let name = escape_text(&record.name);
            context.terminal.inform(&format!("waiting  {name}: {missing}"));
        }
    };
    let outcome = waiter.wait(record.id, &say).await?;
    let seconds = waiter.clock.since(begin).as_secs();
    if args.output.format == Format::Text {
        context.terminal.print_text(&describe(record, &outcome));
    }
    Ok((outcome.end, encode(&outcome, &waiter.verifier.server.name, seconds)))
}

/// Returns the line of one record.
fn describe(record: &NamedRecord, waited: &Waited) -> String {
    let Waited { verified, end } = waited;
    let name = if verified.doi.is_some() {
        name_version(verified)
    } else {
        escape_text(&record.name).into_owned()
    };
    match end {
        WaitEnd::Ready => {
            let is_unchecked = |fact: &&Fact| fact.agreement() == Agreement::Unchecked;
            match describe_facts(verified.facts.iter().filter(is_unchecked)) {
                unchecked if unchecked.is_empty() => format!("ready    {name}\n"),
                unchecked => format!("ready    {name}: {unchecked}\n"),
            }
        }
        WaitEnd::TimeOver | WaitEnd::Deleted => {
            format!("missing  {name}: {}\n", describe_facts(waited.list_missing()))
        }
    }
}

fn encode(waited: &Waited, server: &str, seconds: i64) -> Json {
    let Waited { verified, end } = waited;
    json!({
        "server": server,
        "record": verified.id.0,
        "doi": verified.doi.as_ref().map(crate::model::Doi::as_str),
        "version": verified.label,
        "ready": *end == WaitEnd::Ready,
        "waited_seconds": seconds,
        "missing": waited.list_missing().map(encode_fact).collect::<Vec<_>>(),
        "facts": verified.facts.iter().map(encode_fact).collect::<Vec<_>>(),
    })
}

fn choose_code(end: WaitEnd) -> ExitCode {
    match end {
        WaitEnd::Ready => ExitCode::Done,
        WaitEnd::TimeOver => ExitCode::Busy,
        // No run later finds it.
        WaitEnd::Deleted => ExitCode::Failed,
    }
}
