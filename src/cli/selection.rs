//! Which members of a workspace a command is for.

use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::{Member, MemberRecords, PlannedIn, Workspace};
use crate::inventory;
use crate::lock::USUAL_MANIFEST;
use crate::plan::PlanFlags;

use super::args::Members;
use super::connections::Connections;
use super::context::Context;
use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;

/// The members that a command is for.
#[derive(Clone)]
pub(super) struct Selection {
    /// Their workspace.
    pub(super) workspace: Workspace,
    /// The members, sorted by key.
    pub(super) members: Vec<Member>,
    /// Their connections.
    pub(super) connections: Arc<Connections>,
}

/// Whether the members are compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// All of them at once, by the command.
    Together,
    /// Each one with all others, as it is when it is used alone.
    Alone,
}

impl Selection {
    /// Returns whether these are all members of the workspace.
    pub(super) fn is_whole(&self) -> bool {
        self.members.len() == self.workspace.members.len()
    }

    /// Returns the selection of these members alone.
    ///
    /// # Errors
    /// The first key that no member has.
    pub(super) fn keep(&self, keys: &[String]) -> Result<Self, String> {
        // No key would mean all of them.
        let members = if keys.is_empty() { Vec::new() } else { self.workspace.select(keys)? };
        let connections = Arc::new(Connections::of(members.len()));
        Ok(Self { workspace: self.workspace.clone(), members, connections })
    }

    /// Refuses to continue one draft for several members.
    ///
    /// # Errors
    /// A [`Failure`] that says how to name the one.
    pub(super) fn refuse_adoption(&self, flags: &PlanFlags) -> Result<(), Failure> {
        if flags.adopt_draft.is_none() || self.members.len() < 2 {
            return Ok(());
        }
        Err(Failure::new(ExitCode::Usage, "--adopt-draft is for one record")
            .hint("name its member with -p KEY"))
    }

    /// Runs a command for the members, and closes their connections.
    ///
    /// # Errors
    /// Those of the command.
    pub(super) fn run(
        &self,
        context: &Context,
        command: impl FnOnce(&Self) -> Result<ExitCode, Failure>,
    ) -> Result<ExitCode, Failure> {
        let result = command(self);
        self.connections.close(&context.runtime);
        result
    }

    /// Returns a context for each member: as if the program was called in its folder.
    pub(super) fn contexts(&self, context: &Context, compared: Compared) -> Vec<(Member, Context)> {
        let planned_in = PlannedIn {
            folder: self.workspace.folder.clone(),
            is_whole: compared == Compared::Together && self.is_whole(),
            // A reservation changes them for the members that come after it.
            records: (compared == Compared::Together).then(MemberRecords::default),
        };
        let of = |member: &Member| {
            let (folder, name) = member.split();
            let folder = match folder {
                "." => self.workspace.folder.clone(),
                below => self.workspace.folder.join(below),
            };
            let connections = Arc::clone(&self.connections);
            let own = context.for_member(folder, name.into(), planned_in.clone(), connections);
            (member.clone(), own)
        };
        self.members.iter().map(of).collect()
    }
}

/// Returns the members that are meant, of the workspace that the manifest must be the root of.
///
/// # Errors
/// A [`Failure`] for a manifest that is no root, and those of [`select`].
pub(super) fn select_of_root(context: &Context, wanted: &Members) -> Result<Selection, Failure> {
    select(context, wanted)?.ok_or_else(|| report_no_root(context))
}

/// Returns the failure of a command that needs the root of a workspace.
fn report_no_root(context: &Context) -> Failure {
    let folder = context.global.directory.clone().unwrap_or_default();
    let shown = folder.join(&context.global.manifest).display().to_string();
    Failure::new(ExitCode::Usage, format!("`{shown}` is not the root of a workspace"))
        .hint("name the root's folder with -C DIR, or add [workspace] to the manifest")
}

/// Returns the members that are meant: those of the flags, or all of them where the manifest is the
/// root of a workspace. `None` where one record is meant.
///
/// # Errors
/// A [`Failure`] for a root with faults, a manifest that is no root, and an unknown key.
pub(super) fn select(context: &Context, wanted: &Members) -> Result<Option<Selection>, Failure> {
    let folder = context.global.directory.clone().unwrap_or_default();
    let today = environment::make_clock().today();
    let workspace = Workspace::load(&folder, &context.global.manifest, today)?;
    let Some(workspace) = workspace else {
        if !wanted.workspace && !wanted.is_given() {
            return Ok(None);
        }
        return Err(report_no_root(context));
    };
    // Members look for a root of this name.
    if workspace.root_name() != USUAL_MANIFEST {
        let message = format!("`{}` can't be the root of a workspace", workspace.shown);
        return Err(Failure::new(ExitCode::Usage, message)
            .hint(format!("the root of a workspace is named {USUAL_MANIFEST}")));
    }
    let members = workspace.select(&wanted.member).map_err(|unknown| {
        let message = format!("`{}` has no member `{unknown}`", workspace.shown);
        let keys: Vec<&str> = workspace.members.iter().take(5).map(|it| it.key.as_str()).collect();
        let more = if workspace.members.len() > keys.len() { ", …" } else { "" };
        Failure::new(ExitCode::Usage, message)
            .hint(format!("the members are {}{more}", keys.join(", ")))
    })?;
    let members = match &wanted.changed_since {
        Some(revision) => keep_changed(&workspace, members, revision)?,
        None => members,
    };
    let connections = Arc::new(Connections::of(members.len()));
    Ok(Some(Selection { workspace, members, connections }))
}

/// Keeps the members that differ from a revision of git.
fn keep_changed(
    workspace: &Workspace,
    members: Vec<Member>,
    revision: &str,
) -> Result<Vec<Member>, Failure> {
    let is_here = workspace.folder.as_os_str().is_empty();
    let folder = if is_here { PathBuf::from(".") } else { workspace.folder.clone() };
    let root = workspace.root_name();
    let mut paths: Vec<String> = members.iter().map(|member| member.split().0.to_owned()).collect();
    paths.push(root.clone());
    let changed = inventory::list_changed_since(&folder, revision, &paths)
        .map_err(|finding| Failure::findings(ExitCode::Usage, "", &[finding], None))?;
    // A default that changed may change each member.
    if changed.contains(&root) {
        return Ok(members);
    }
    let is_changed = |member: &Member| {
        let (folder, _) = member.split();
        // The root's own folder has all others in it.
        folder == "." || changed.contains(folder)
    };
    Ok(members.into_iter().filter(is_changed).collect())
}
