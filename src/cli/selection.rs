//! Which members of a workspace a command is for.

use std::path::PathBuf;

use crate::engine::{Member, Workspace};

use super::args::Members;
use super::context::Context;
use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;

/// The members that a command is for.
pub(super) struct Selection {
    /// Their workspace.
    pub(super) workspace: Workspace,
    /// The members, sorted by key.
    pub(super) members: Vec<Member>,
}

impl Selection {
    /// Returns a context for each member: as if the program was called in its folder.
    pub(super) fn contexts(&self, context: &Context) -> Vec<(Member, Context)> {
        let of = |member: &Member| {
            let (folder, name) = member.split();
            let folder = match folder {
                "." => self.workspace.folder.clone(),
                below => self.workspace.folder.join(below),
            };
            (member.clone(), context.for_member(folder, PathBuf::from(name)))
        };
        self.members.iter().map(of).collect()
    }
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
        if !wanted.workspace && wanted.member.is_empty() {
            return Ok(None);
        }
        let shown = folder.join(&context.global.manifest).display().to_string();
        let message = format!("`{shown}` is not the root of a workspace");
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("name the root's folder with -C DIR, or add [workspace] to the manifest"));
    };
    let members = workspace.select(&wanted.member).map_err(|unknown| {
        let message = format!("`{}` has no member `{unknown}`", workspace.shown);
        let keys: Vec<&str> = workspace.members.iter().take(5).map(|it| it.key.as_str()).collect();
        let more = if workspace.members.len() > keys.len() { ", …" } else { "" };
        Failure::new(ExitCode::Usage, message)
            .hint(format!("the members are {}{more}", keys.join(", ")))
    })?;
    Ok(Some(Selection { workspace, members }))
}
