//! `zrel apply` for a workspace: every draft is filled and compared before the first one is
//! published, so that nothing is minted while one of them is not right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use serde_json::{Value as Json, json};

use crate::cli::approval;
use crate::cli::args::apply::{Apply, Until};
use crate::cli::args::reserve::Reserve;
use crate::cli::args::{Format, RecordFlags};
use crate::cli::commands::apply::parse_accepted_fields;
use crate::cli::commands::plan::{Local, MadePlan};
use crate::cli::commands::reserve::reserve_draft;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::notifications::{Notifier, make_sender};
use crate::cli::report::{ResultSink, choose_end};
use crate::cli::selection::{Compared, Selection};
use crate::cli::workflow_outputs::write_set_results;
use crate::engine::{
    Project, make_plan, note_release_of_draft, note_reserved_release, settle_empty,
};
use crate::model::{Field, Link, LinkedDoi, Recid, Sha256};
use crate::observed::View;
use crate::render::{escape_text, list_flags, quote_word, write_json_text};

use super::approval::Approval;
use super::expected::{check_expected, make_note, save_note};
use super::phases::run_phases;
use super::plan::{
    digest_members, digest_members_without, list_findings, plan_members, print, review,
};
use super::planned_member::PlannedMember;
use super::twins::refuse_twins;
use super::work::{Links, Unpublished, Work, name_failure};

/// Applies the plans of the members.
///
/// # Errors
/// A [`Failure`] before anything is published; after that, failures are printed and have the worst
/// code.
pub(in crate::cli::commands) fn apply(
    context: &Context,
    args: &Apply,
    selection: &Selection,
) -> Result<ExitCode, Failure> {
    let (approval, selection) = &Approval::read(args, selection)?;
    selection.refuse_adoption(&approval.flags)?;
    // Before any file is hashed, which may take minutes.
    let accept_rewrite = &parse_accepted_fields(&args.accept_rewrite)?;
    selection.run(context, |selection| {
        run_all(Run { context, args, approval, selection, accept_rewrite })
    })
}

fn run_all(run: Run<'_>) -> Result<ExitCode, Failure> {
    let Run { context, args, selection, .. } = run;
    raise_limit_of_files();
    let mut locks = Vec::new();
    let planned = run.plan_all(&mut locks)?;
    if args.output.format == Format::Text {
        print(context, selection, &planned, args.full);
    }
    write_set_results(context, &review(selection, &planned), &list_findings(&planned));
    refuse_unplanned(&planned)?;
    let digest = digest_members(&planned);
    let Confirmed { mut works, unpublished, is_awaited } = run.approve(planned, &mut locks)?;
    let results = match args.until {
        Some(Until::Prepare) => vec![(ExitCode::Done, Json::Null); works.len()],
        Some(Until::Fill) | None => {
            let results = run_phases(context, args, &mut works, unpublished);
            send_messages(context, &mut works);
            results?
        }
    };
    if args.output.format == Format::Json {
        let document = encode(selection, digest.as_ref(), &works, &results);
        context.terminal.print(&write_json_text(&document));
    }
    if let Some(until) = args.until.filter(|_| !works.is_empty()) {
        say_where_it_stopped(run, until);
    }
    drop(locks);
    let waiting = is_awaited.then_some(ExitCode::Waiting);
    Ok(ExitCode::worst(results.into_iter().map(|(code, _)| code).chain(waiting)))
}

/// Sends a message for each member, one after the other: a channel takes few in a second.
fn send_messages(context: &Context, works: &mut [Work<'_>]) {
    let sender = make_sender(context);
    for work in works {
        let due = work.due.take();
        let notifier = Notifier::new(context, &work.made.project);
        context.runtime.block_on(notifier.send_by(&sender, due));
    }
}

fn say_where_it_stopped(run: Run<'_>, until: Until) {
    let done = match until {
        Until::Prepare => "Every draft is open, and nothing is published.",
        Until::Fill => "Every draft is as planned, and nothing is published.",
    };
    let flags = list_flags(&run.approval.flags);
    let next = match &run.args.plan {
        Some(path) => format!("To go on: zrel apply {}", quote_word(&path.to_string_lossy())),
        // One of several workers must not publish before the others are right.
        None if !run.selection.is_whole() => {
            format!("Once that holds for the others as well: zrel apply{flags}")
        }
        None => format!("To go on: zrel apply{flags}"),
    };
    run.context.terminal.inform(&format!("\n{done} {next}"));
}

/// One run over the members.
#[derive(Clone, Copy)]
struct Run<'a> {
    context: &'a Context,
    args: &'a Apply,
    approval: &'a Approval,
    selection: &'a Selection,
    accept_rewrite: &'a [Field],
}

impl<'a> Run<'a> {
    /// Compares the plans with what was approved, or asks, and returns the members that change. What
    /// others link to has its DOI from then on.
    fn approve(
        self,
        planned: Vec<PlannedMember>,
        locks: &mut Vec<File>,
    ) -> Result<Confirmed<'a>, Failure> {
        let root = &self.selection.workspace.folder;
        let mut approved_unknown = match &self.approval.expect {
            Some(expected) => {
                check_expected(expected, &planned, (root, self.approval.list_saved()))
                    .map_err(|failure| self.approval.name_stale(failure, &planned))?
            }
            None => BTreeSet::new(),
        };
        let unknown = list_unknown_links(&planned)?;
        let reserved = list_unreserved(&planned, &unknown);
        let approved = digest_members_without(&planned, &unknown);
        approved_unknown.extend(unknown.iter().cloned());
        // Workers that fill a member each publish nothing that another run continues.
        let is_noted = self.args.until != Some(Until::Fill);
        let note = if is_noted { make_note(&planned, &approved_unknown, root) } else { None };
        let bases = list_bases(&planned);
        let confirmed = confirm_all(planned, self.args, Links::Unknown)?;
        let works = &confirmed.works;
        // A draft can be changed and discarded: the word to publish comes with the publication.
        let is_draft = self.args.until.is_some() || self.args.auto_approve;
        // Neither covers that others may change a record, or see it by a secret link.
        let opens_record = self.args.until.is_none() && works.iter().any(Work::opens_record);
        if !works.is_empty() && self.approval.expect.is_none() && (!is_draft || opens_record) {
            let elsewhere =
                if opens_record { approval::BY_DIGEST } else { approval::ON_COMMAND_LINE };
            // Access can be removed again.
            let publishes = works.iter().any(Work::publishes);
            let warning = if publishes { approval::PERMANENT } else { "" };
            approval::ask_for_members(self.context, (warning, works.len()), elsewhere)?;
        }
        save_note(note.as_ref(), root)?;
        if self.args.until == Some(Until::Prepare) {
            let mut undrafted: BTreeSet<String> = works
                .iter()
                .filter(|work| work.needs_draft())
                .map(|work| work.key.clone())
                .collect();
            undrafted.extend(reserved);
            locks.clear();
            self.prepare(&undrafted, &bases)?;
            return Ok(confirmed);
        }
        if unknown.is_empty() {
            return Ok(confirmed);
        }
        drop(confirmed);
        // A reservation takes the locks itself.
        locks.clear();
        self.prepare(&reserved, &bases)?;
        let planned = self.plan_all(locks)?;
        refuse_unplanned(&planned)?;
        if digest_members_without(&planned, &unknown) != approved {
            let message = "the plans changed since they were approved; nothing is published";
            return Err(Failure::new(ExitCode::Stale, message).hint("plan again"));
        }
        confirm_all(planned, self.args, Links::Known)
    }

    /// Reserves the DOIs of these members. Once those that others link to have one, all links are
    /// known, circles too.
    fn prepare(
        self,
        reserved: &BTreeSet<String>,
        bases: &BTreeMap<String, Recid>,
    ) -> Result<(), Failure> {
        let flags = &self.approval.flags;
        let reserve = Reserve {
            record: RecordFlags {
                initial: flags.initial || self.approval.is_saved(),
                same_title: flags.same_title,
                adopt_draft: flags.adopt_draft.map(|id| id.0),
                over: flags.over.map(|id| id.0),
            },
            ..Reserve::default()
        };
        for (member, own) in self.selection.contexts(self.context, Compared::Alone) {
            if self.context.time().1.is_over() {
                let message = "the time of the run is over; nothing is published";
                return Err(Failure::new(ExitCode::Partly, message).hint("run it again"));
            }
            if reserved.contains(&member.key) {
                let key = escape_text(&member.key);
                self.context.terminal.inform(&format!("\n== {key}: prepare"));
                // The digest covers the base version, so expecting it approves that version.
                let base =
                    bases.get(&member.key).copied().filter(|_| self.approval.expect.is_some());
                let record =
                    RecordFlags { over: reserve.record.over.or(base), ..reserve.record.clone() };
                let own_flags = Reserve { record, ..reserve.clone() };
                let reserved = reserve_draft(&own, &own_flags);
                reserved.map_err(|failure| name_failure(&member.key, failure))?;
            }
        }
        Ok(())
    }

    /// Plans all members, and takes their locks: two runs of one manifest would write to one draft.
    fn plan_all(self, locks: &mut Vec<File>) -> Result<Vec<PlannedMember>, Failure> {
        self.selection.connections.forget_listings();
        let contexts = self.selection.contexts(self.context, Compared::Together);
        let mut taken = Ok(());
        let mut planned = plan_members(self.context, contexts, View::Owner, |own| {
            let project = Project::load(own.project_options())?;
            match project.run_lock() {
                Ok(lock) => locks.push(lock),
                Err(error) => taken = Err(error),
            }
            Local::read(own, project, (&self.args.limits, self.approval.flags.clone()))
        });
        // Nothing is planned beside another run.
        taken?;
        for one in &mut planned {
            let (key, own) = (&one.member.key, &one.context);
            if let Ok(made) = &mut one.made {
                self.complete_plan((key, own), made)?;
            }
        }
        // Without the flag, plans of the same title could not have been saved.
        let same_title = self.approval.flags.same_title || self.approval.is_saved();
        refuse_twins(&mut planned, same_title);
        Ok(planned)
    }

    /// Adds to a plan what the lock does not have yet, and what was approved.
    fn complete_plan(
        self,
        (key, own): (&str, &Context),
        made: &mut MadePlan,
    ) -> Result<(), Failure> {
        let noted = note_release_of_draft(&made.project, &mut made.inputs, &made.observed)?;
        if let Some(record) = noted {
            self.context.terminal.inform(&format!("== {}", escape_text(key)));
            let place = (own, &made.project);
            let format = self.args.output.format;
            ResultSink::offering(place, &made.inputs, format).tell_accepted(record);
        }
        note_reserved_release(&made.project, &mut made.inputs, &made.observed)?;
        made.policy.accept_rewrite = self.accept_rewrite.to_vec();
        // A saved plan shows that it creates a record: that was approved.
        made.policy.allowed.initial |= self.approval.is_saved();
        if self.approval.expect.is_some() {
            made.policy.approve_expected(&made.observed, &made.inputs.binding);
        }
        made.checked = make_plan(&made.inputs, &made.observed, &made.policy);
        Ok(())
    }
}

/// Raises the limit of open files as far as it may be: each member has an open lock.
#[cfg(unix)]
fn raise_limit_of_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Without it, a lock that can't be opened is a failure that says so.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// Other systems have no such limit.
#[cfg(not(unix))]
fn raise_limit_of_files() {}

/// The members after what only a person can decide was asked.
struct Confirmed<'a> {
    /// Those that change.
    works: Vec<Work<'a>>,
    /// Those whose draft a community reviews: nothing may link to them yet.
    unpublished: Unpublished,
    /// Whether one of the others waits for a community.
    is_awaited: bool,
}

/// Asks about what only a person can decide. The members that do not change have nothing left to do,
/// and their locks say so from then on.
///
/// # Errors
/// A [`Failure`] for what is refused.
fn confirm_all(
    planned: Vec<PlannedMember>,
    args: &Apply,
    links: Links,
) -> Result<Confirmed<'_>, Failure> {
    let mut works = Vec::new();
    let (mut unpublished, mut is_awaited) = (Unpublished::default(), false);
    for PlannedMember { member, context, made } in planned {
        let mut made = made?;
        if made.checked.plan().is_empty() {
            // An earlier run may have lost the answer that the lock needs.
            let left = settle_empty(&made.project, &mut made.inputs, made.observed, &made.checked)?;
            let notifier = Notifier::new(&context, &made.project);
            let due = notifier.settled(left.record.as_ref(), made.checked.plan());
            context.runtime.block_on(notifier.send(due));
            is_awaited |= choose_end(&context.terminal, &left) == ExitCode::Waiting;
            continue;
        }
        if made.checked.plan().is_waiting() {
            let key = escape_text(&member.key);
            context.terminal.say(&format!("{key}: a community reviews its draft."));
            unpublished.awaited.insert(member.key);
            is_awaited = true;
            continue;
        }
        let mut work = Work { key: member.key, context, made, args, is_filled: false, due: None };
        if let Err(failure) = work.confirm(links) {
            let notifier = Notifier::new(&work.context, &work.made.project);
            let due = notifier.waiting(&failure, work.made.checked.plan());
            work.context.runtime.block_on(notifier.send(due));
            return Err(failure);
        }
        works.push(work);
    }
    Ok(Confirmed { works, unpublished, is_awaited })
}

/// Returns the version that each plan is based on.
fn list_bases(planned: &[PlannedMember]) -> BTreeMap<String, Recid> {
    let of = |one: &PlannedMember| {
        Some((one.member.key.clone(), one.made.as_ref().ok()?.checked.plan().base.version?.0))
    };
    planned.iter().filter_map(of).collect()
}

/// Returns the links whose DOI is not known yet.
fn list_unknown_links(planned: &[PlannedMember]) -> Result<BTreeSet<Link>, Failure> {
    let mut unknown = BTreeSet::new();
    for one in planned {
        let Ok(made) = &one.made else { continue };
        for (link, doi) in &made.checked.plan().links {
            let key = &link.key;
            let is_here = planned.iter().any(|other| other.member.key == *key);
            if doi.is_none() && !is_here {
                let message = format!(
                    "{}: it links to `{key}`, whose DOI is not known and which is not applied here",
                    one.member.key
                );
                return Err(Failure::new(ExitCode::Usage, message)
                    .hint(format!("name it as well: -p {key}")));
            }
            if doi.is_none() {
                unknown.insert(link.clone());
            }
        }
    }
    Ok(unknown)
}

/// Returns the members whose DOIs are to be reserved for these links.
fn list_unreserved(planned: &[PlannedMember], unknown: &BTreeSet<Link>) -> BTreeSet<String> {
    let is_wanted = |link: &&Link| {
        let mut members = planned.iter().filter(|one| one.member.key == link.key);
        // The draft of a version that nothing asks for would be nobody's.
        link.doi == LinkedDoi::Concept || members.any(PlannedMember::makes_version)
    };
    unknown.iter().filter(is_wanted).map(|link| link.key.clone()).collect()
}

/// Refuses to begin while a member has no plan.
fn refuse_unplanned(planned: &[PlannedMember]) -> Result<(), Failure> {
    let failed: Vec<&PlannedMember> = planned.iter().filter(|one| one.made.is_err()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let codes = failed.iter().filter_map(|one| one.made.as_ref().err().map(|error| error.code));
    let keys: Vec<&str> = failed.iter().map(|one| one.member.key.as_str()).collect();
    let message = format!("{} can't be planned; nothing was sent", keys.join(", "));
    let mut failure = Failure::new(ExitCode::worst(codes), message);
    // Without findings, the plan that is refused is not told elsewhere.
    for (key, refused) in
        failed.iter().filter_map(|one| Some((&one.member.key, one.made.as_ref().err()?)))
    {
        if refused.findings.is_empty() {
            failure.causes.push(format!("{key}: {}", refused.message));
            failure.hints.extend(refused.hints.iter().cloned());
        }
    }
    failure.hints.dedup();
    Err(failure.hint("correct them, or name the others with -p KEY"))
}

fn encode(
    selection: &Selection,
    digest: Option<&Sha256>,
    works: &[Work<'_>],
    results: &[(ExitCode, Json)],
) -> Json {
    let members: Vec<Json> = works
        .iter()
        .zip(results)
        .map(|(work, (code, result))| {
            json!({ "key": work.key, "exit_code": code.number(), "result": result })
        })
        .collect();
    let worst = ExitCode::worst(results.iter().map(|(code, _)| *code));
    json!({
        "format_version": "1.0",
        "workspace": selection.workspace.shown,
        "digest": digest.map(|digest| format!("sha256:{digest}")),
        "exit_code": worst.number(),
        "members": members,
    })
}
