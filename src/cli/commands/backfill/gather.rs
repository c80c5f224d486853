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
    BackfillPlan, Gathered, Match, OpenRelease, PastRelease, Sources, list_releases,
    match_releases, open_release, plan_releases,
};
use crate::engine::{PlanInputs, Project, Session, make_policy};
use crate::model::Field;
use crate::observed::{HistoryEntry, Observed};
use crate::plan::Policy;
use crate::render::{count, escape_text};

/// The project whose past releases are meant, and which they are.
pub(super) struct Past {
    /// The context, with the connections that all releases share.
    pub(super) context: Context,
    /// The project as it is now.
    pub(super) now: Project,
    /// The releases, the oldest first.
    pub(super) releases: Vec<PastRelease>,
}

impl Past {
    /// Finds the releases.
    ///
    /// # Errors
    /// A [`Failure`] for the root of a workspace, a manifest with faults, and tags that can't be told
    /// apart.
    pub(super) fn find(context: &Context, tags: &Tags) -> Result<Self, Failure> {
        if select(context, &Members::default())?.is_some() {
            let message = "the past releases of a workspace are those of its members";
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
            .map_err(|failure| name_tag(release, failure))?;
        open.project.gather(inventory).map_err(|error| name_tag(release, error.into()))
    }

    /// Plans all releases.
    ///
    /// # Errors
    /// A [`Failure`] that names each tag with faults, and when the server can't be asked.
    pub(super) fn plan(&self, chosen: &Chosen) -> Result<Planned, Failure> {
        let (mut gathered, mut failures) = (Vec::new(), Vec::new());
        for release in &self.releases {
            let done = self.open(release, chosen).and_then(|open| {
                let inputs = self.gather(&open, release, chosen)?;
                Ok(Gathered { release: release.clone(), project: open.project, inputs })
            });
            match done {
                Ok(one) => gathered.push(one),
                Err(failure) => failures.push(failure),
            }
        }
        if failures.is_empty() {
            return self.context.runtime.block_on(self.compare(gathered, chosen));
        }
        Err(self.join(failures, chosen))
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
        for failure in failures {
            match chosen.output.format {
                Format::Text => self.context.terminal.say_error(&failure.text()),
                Format::Json => joined.causes.push(failure.message),
            }
        }
        joined
    }

    /// Compares the releases with what the server has.
    async fn compare(&self, gathered: Vec<Gathered>, chosen: &Chosen) -> Result<Planned, Failure> {
        let session = connection::connect(&self.context, &self.now).await?;
        let (record, history) = read_versions(&session, &self.now).await?;
        let gathered = match_releases(gathered, &history);
        let make_policy =
            |project: &Project, inputs: &PlanInputs| choose_policy(project, inputs, chosen);
        let first = gathered.iter().find(|(_, found)| *found == Match::Missing);
        let observed = match first {
            Some((one, _)) => {
                let policy = make_policy(&one.project, &one.inputs);
                session.observe(&one.inputs, &policy).await?
            }
            None => record,
        };
        let latest = observed.published().and_then(|it| it.metadata.text(Field::Version));
        let latest = latest.map(str::to_owned);
        let plan = plan_releases(gathered, &observed, make_policy, chosen.after_latest)?;
        Ok(Planned { plan, latest })
    }
}

/// The plans of all releases.
pub(super) struct Planned {
    /// The plans.
    pub(super) plan: BackfillPlan,
    /// The label of the latest version.
    pub(super) latest: Option<String>,
}

/// Returns what decides about the plan of a release.
pub(super) fn choose_policy(project: &Project, inputs: &PlanInputs, chosen: &Chosen) -> Policy {
    make_policy(project, inputs, chosen.to_plan(), environment::choose_readers())
}

/// Reads the record and its versions.
async fn read_versions(
    session: &Session,
    now: &Project,
) -> Result<(Observed, Vec<HistoryEntry>), Failure> {
    let record = session.observe_record(&now.record_location()?).await?;
    let Some(latest) = record.published().map(|record| record.id) else {
        return Ok((record, Vec::new()));
    };
    let versions = session.read().versions(latest).await;
    let versions = versions.map_err(crate::engine::EngineError::Api)?;
    Ok((record, versions))
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
