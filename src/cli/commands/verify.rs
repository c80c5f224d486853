//! `zrel verify`: whether published records are what the lock and the manifest say.

use serde_json::json;

use super::workspace::run_for_each;
use crate::cli::args::Format;
use crate::cli::args::verify::Verify;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::named_records::{NamedRecord, Records};
use crate::cli::notifications::Notifier;
use crate::cli::selection::Compared;
use crate::compare::{Agreement, Fact, Verified};
use crate::engine::verify::{Looked, verify_bytes};
use crate::render::{Detail, encode_verified, escape_text, render_verified, summarize_verified};

pub(super) fn run(context: &Context, args: &Verify) -> Result<ExitCode, Failure> {
    // Named records are no members.
    if !args.named.records.is_empty() {
        return verify(context, args);
    }
    run_for_each(context, (&args.members, args.output.format), Compared::Together, |own| {
        verify(own, args)
    })
}

/// Verifies the records that are named, or the one of the manifest.
fn verify(context: &Context, args: &Verify) -> Result<ExitCode, Failure> {
    let (all, servers) = context.runtime.block_on(async {
        let records = Records::find(context, &args.named).await?;
        let mut all = Vec::new();
        let mut result = Ok(());
        for record in &records.all {
            match look(context, &records, record, args.download).await {
                Ok((verified, is_open)) => {
                    // Records that are named may be anybody's.
                    if args.named.records.is_empty() {
                        tell_drift(context, &records, (&verified, is_open)).await;
                    }
                    all.push(verified);
                }
                Err(failure) => {
                    result = Err(failure);
                    break;
                }
            }
        }
        let servers = records.all.iter().map(|record| records.server_of(record).name.clone());
        let servers: Vec<String> = servers.collect();
        records.close().await;
        result.map(|()| (all, servers))
    })?;
    print(context, args, (&all, &servers));
    let differs = all.iter().any(|verified| verified.agreement() == Agreement::Differs);
    Ok(if differs { ExitCode::Changes } else { ExitCode::Done })
}

/// Sends the manifest's channels a message where its record is not as applied.
async fn tell_drift(
    context: &Context,
    records: &Records,
    (verified, is_open): (&Verified, Option<bool>),
) {
    let Some(project) = records.project() else { return };
    let notifier = Notifier::new(context, project);
    notifier.send(notifier.drifted(verified, is_open)).await;
}

/// Looks at one record, and reads its files if that is wanted. Also returns whether everybody can
/// read it.
async fn look(
    context: &Context,
    records: &Records,
    record: &NamedRecord,
    with_bytes: bool,
) -> Result<(Verified, Option<bool>), Failure> {
    let verifier = records.verifier_of(record);
    let Looked { mut verified, files, is_open } = verifier.verify(record.id).await?;
    if with_bytes && !files.is_empty() {
        let total = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
        let bar = context.terminal.bar(total, "reading");
        let known = verifier.known.map(|known| known.read_digests(verified.id));
        let facts = verify_bytes(
            verifier.session,
            verified.id,
            (&files, &known.unwrap_or_default()),
            &|file| bar.name(&escape_text(file.key.as_str())),
            &|bytes| bar.advance(bytes),
        )
        .await;
        bar.done();
        verified.facts.extend(facts?);
    }
    Ok((verified, is_open))
}

fn print(context: &Context, args: &Verify, (all, servers): (&[Verified], &[String])) {
    if args.output.format == Format::Json {
        let records = all.iter().zip(servers);
        let records = records.map(|(verified, server)| encode_verified(verified, server));
        context.put_document(json!({
            "format_version": "1.0",
            "records": records.collect::<Vec<_>>(),
        }));
        return;
    }
    if all.is_empty() {
        context.terminal.print("No version is published yet.\n");
        return;
    }
    let detail = if args.full { Detail::FULL } else { Detail::FOLDED };
    for verified in all {
        context.terminal.print_text(&render_verified(verified, detail));
    }
    context.terminal.print_text(&summarize_verified(all));
    if all.iter().flat_map(|verified| &verified.facts).any(Fact::is_of_owner) {
        context.terminal.say(
            "note: within 30 days of its publication the owner of a version can change its files, \
             or delete it, on its page",
        );
    }
}
