//! What the plans of past releases are made from: the files of each tag, and what the server has.

use std::sync::Arc;

use crate::cli::args::backfill::{Chosen, Tags};
use crate::cli::args::{Format, Members};
use crate::cli::commands::plan::hash_inventory;
use crate::cli::connection;
use crate::cli::connections::Connections;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::select;
use crate::engine::backfill::{
    BackfillPlan, FoundRelease, Gathered, Match, OpenRelease, PastRelease, Sources,
    find_odd_assets, find_own, find_unbuilt, list_releases, match_releases, open_release,
    plan_releases,
};
use crate::engine::{EngineError, PlanInputs, Project, make_policy};
use crate::model::{Field, Finding};
use crate::observed::{HistoryEntry, Observed};
use crate::plan::Policy;
use crate::render::{count, escape_text};

use super::flags::list_selection;

/// The project whose past releases are meant, and which they are.
pub(super) struct PastReleases {
    /// The context, with the connections that all releases share.
    pub(super) context: Context,
    /// The project as it is now.
    pub(super) now: Project,
    /// The releases, the oldest first.
    pub(super) releases: Vec<PastRelease>,
}

impl PastReleases {
    /// Finds the releases.
    ///
    /// # Errors
    /// A [`Failure`] for the root of a workspace, a manifest with faults, and tags that can't be told
    /// apart.
    pub(super) fn find(context: &Context, tags: &Tags) -> Result<Self, Failure> {
        if select(context, &Members::default())?.is_some() {
            let message =
                "this is the root of a workspace, and past releases are those of a member";
            return Err(Failure::new(ExitCode::Usage, message)
                .hint("name the folder of a member with -C DIR"));
        }
        let now = Project::load(context.project_options())?;
        if !now.manifest.record.publish {
            let message = "the manifest says `publish = false`, and past releases are published";
            return Err(Failure::new(ExitCode::Usage, message));
        }
        let releases = list_releases(&now, &tags.patterns, &tags.skip)?;
        let connections = Arc::new(Connections::of(0));
        Ok(Self { context: context.with_connections(connections), now, releases })
    }

    /// Closes the connections.
    pub(super) fn close(&self) {
        if let Some(connections) = &self.context.connections {
            connections.close(&self.context.runtime);
        }
    }

    /// Opens a release: its files are there until it is dropped.
    ///
    /// # Errors
    /// A [`Failure`] that names the tag.
    pub(super) fn open(
        &self,
        release: &PastRelease,
        chosen: &Chosen,
    ) -> Result<OpenRelease, Failure> {
        let sources =
            Sources { assets: chosen.assets.clone(), own_manifest: chosen.tags.own_manifest };
        let options = self.context.project_options();
        open_release(&self.now, &options, release, &sources)
            .map_err(|error| name_tag(release, error.into()))
    }

    /// Gathers what the plan of a release is made from.
    ///
    /// # Errors
    /// A [`Failure`] that names the tag.
    pub(super) fn gather(
        &self,
        open: &OpenRelease,
        release: &PastRelease,
        chosen: &Chosen,
    ) -> Result<PlanInputs, Failure> {
        let inventory = hash_inventory(&self.context, &open.project, &chosen.limits)
            .map_err(|failure| name_tag(release, add_ways(failure, release)))?;
        let inputs = open.project.gather(inventory);
        let mut inputs = inputs.map_err(|error| name_tag(release, error.into()))?;
        let zrel = self.context.command();
        inputs.invocation.command_line = format!("{zrel} backfill apply{}", list_selection(chosen));
        Ok(inputs)
    }

    /// Plans all releases.
    ///
    /// # Errors
    /// A [`Failure`] that names each tag with faults, and when the server can't be asked.
    pub(super) fn plan(&self, chosen: &Chosen) -> Result<Planned, Failure> {
        let notes = match &chosen.assets {
            Some(assets) => find_odd_assets(&self.now, assets, &self.releases)?,
            None => Vec::new(),
        };
        let runtime = &self.context.runtime;
        let (record, history) = runtime.block_on(self.read_versions())?;
        let mut found = Vec::new();
        let mut left = Vec::new();
        for release in &self.releases {
            // What zrel published need not be read again, and may no longer be as the manifest says.
            let Some(entry) = find_own(&self.now, release, &history)? else {
                left.push(release);
                continue;
            };
            let (release, matched) = (release.clone(), Match::Published(entry));
            let (gathered, added) = (None, Vec::new());
            found.push(FoundRelease { release, found: matched, gathered, added });
        }
        let unbuilt = find_unbuilt(&self.now, &self.releases, &left);
        if !unbuilt.is_empty() {
            return Err(Failure::findings(ExitCode::Invalid, "nothing was sent", &unbuilt, None));
        }
        let (gathered, failures) = self.gather_all(&left, chosen);
        if !failures.is_empty() {
            return Err(self.join(failures, chosen));
        }
        for (one, matched) in match_releases(gathered, &self.releases, &history) {
            let Gathered { release, project, inputs, added } = one;
            let gathered = Some((project, inputs));
            found.push(FoundRelease { release, found: matched, gathered, added });
        }
        let place = |one: &FoundRelease| self.releases.iter().position(|it| *it == one.release);
        found.sort_by_key(place);
        let server = (record, history.len());
        let planned = self.context.runtime.block_on(self.compare(found, server, chosen));
        planned.map(|(plan, latest)| Planned { plan, latest, notes })
    }

    /// Gathers what the plans of several releases are made from, and what is wrong with the others.
    fn gather_all(
        &self,
        releases: &[&PastRelease],
        chosen: &Chosen,
    ) -> (Vec<Gathered>, Vec<Failure>) {
        let (mut gathered, mut failures) = (Vec::new(), Vec::new());
        for release in releases {
            let done = self.open(release, chosen).and_then(|open| {
                let inputs = self.gather(&open, release, chosen)?;
                let OpenRelease { project, added, .. } = open;
                Ok(Gathered { release: (*release).clone(), project, inputs, added })
            });
            match done {
                Ok(one) => gathered.push(one),
                Err(failure) => failures.push(failure),
            }
        }
        (gathered, failures)
    }

    /// Makes one failure of those of several tags.
    fn join(&self, mut failures: Vec<Failure>, chosen: &Chosen) -> Failure {
        if failures.len() == 1 {
            return failures.remove(0);
        }
        let code = ExitCode::worst(failures.iter().map(|failure| failure.code));
        let message =
            format!("{} can't be planned; nothing was sent", count(failures.len(), "tag"));
        let mut joined = Failure::new(code, message)
            .hint("correct the manifest, or leave them out with --skip TAG");
        let mut findings = Vec::new();
        for failure in failures {
            if chosen.output.format == Format::Text {
                self.context.terminal.say_error(&failure.text());
            } else {
                joined.causes.push(failure.message);
                findings.extend(failure.findings_json.as_array().into_iter().flatten().cloned());
            }
        }
        joined.findings_json = findings.into();
        joined
    }

    /// Plans the releases from what the server has.
    async fn compare(
        &self,
        found: Vec<FoundRelease>,
        (record, n_versions): (Observed, usize),
        chosen: &Chosen,
    ) -> Result<(BackfillPlan, Option<String>), Failure> {
        let make_policy =
            |project: &Project, inputs: &PlanInputs| choose_policy(project, inputs, chosen);
        let mut missing = found.iter().filter(|one| one.found == Match::Missing);
        let first = missing.find_map(|one| one.gathered.as_ref());
        let observed = match first {
            Some((project, inputs)) => {
                let session = connection::connect(&self.context, &self.now).await?;
                session.observe(inputs, &make_policy(project, inputs)).await?
            }
            None => record,
        };
        let latest = observed.published().and_then(|it| it.metadata.text(Field::Version));
        let latest = latest.map(str::to_owned);
        Ok((
            plan_releases(found, (&observed, n_versions), make_policy, chosen.after_latest)?,
            latest,
        ))
    }

    /// Reads the record and its versions.
    async fn read_versions(&self) -> Result<(Observed, Vec<HistoryEntry>), Failure> {
        let session = connection::connect(&self.context, &self.now).await?;
        let record = session.observe_record(&self.now.record_location()?).await?;
        let Some(latest) = record.published().map(|record| record.id) else {
            return Ok((record, Vec::new()));
        };
        let versions = session.read().versions(latest).await;
        Ok((record, versions.map_err(EngineError::Api)?))
    }
}

/// Adds what brings files into a past release.
fn add_ways(mut failure: Failure, release: &PastRelease) -> Failure {
    if failure.code != ExitCode::Invalid {
        return failure;
    }
    failure.hints.push(format!(
        "the files are those of the tag: `zrel backfill build` makes what is built, `--assets DIR` adds \
         others, and `--skip {}` leaves it out",
        release.tag.name
    ));
    failure
}

/// The plans of all releases.
pub(super) struct Planned {
    /// The plans.
    pub(super) plan: BackfillPlan,
    /// The label of the latest version.
    pub(super) latest: Option<String>,
    /// What a person should look at.
    pub(super) notes: Vec<Finding>,
}

/// Returns what decides about the plan of a release.
pub(super) fn choose_policy(project: &Project, inputs: &PlanInputs, chosen: &Chosen) -> Policy {
    let flags = chosen.record.to_plan();
    let policy = make_policy(project, inputs, flags, environment::choose_readers());
    // The manifests of the releases are of another day; the next apply says who has access.
    Policy { leaves_access: true, ..policy }
}

/// Says which tag a failure is of.
pub(super) fn name_tag(release: &PastRelease, failure: Failure) -> Failure {
    let tag = escape_text(&release.tag.name);
    let message = match failure.message.as_str() {
        "" => tag.into_owned(),
        message => format!("{tag}: {message}"),
    };
    Failure { message, ..failure }
}
