//! `zrel ci init`: workflows that plan pull requests, comment on them, and release.

use std::path::{Path, PathBuf};

use crate::cli::args::ci::{Ci, CiCommand};
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::generated_files::{check_manifest_name, refuse_elsewhere};
use crate::disk;
use crate::engine;
use crate::forge::Workflow;
use crate::inventory;
use crate::manifest;
use crate::model::{Server, ServerKind};
use crate::render::escape_text;

pub(super) fn run(context: &Context, args: &Ci) -> Result<ExitCode, Failure> {
    let CiCommand::Init(args) = &args.what;
    let root = context.global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
    let own = Own::of(&context.global.manifest, &root)?;
    let files = args.forge.workflows();
    if args.stdout {
        for file in files {
            context.terminal.print(&format!("# {}\n{}", own.adapt(file.path), own.text_of(file)));
        }
        return Ok(ExitCode::Done);
    }
    let hint = "a forge looks for workflows only there: name it with -C DIR, or use --stdout";
    refuse_elsewhere(&root, hint)?;
    // All files are checked before the first one is written: a part of a set would not work.
    if !args.force {
        refuse_to_write_over(&root, files, &own)?;
    }
    for file in files {
        let path = root.join(own.adapt(file.path));
        write_workflow(&path, &own.text_of(file))?;
        context.terminal.print(&format!("Wrote {}\n", escape_text(&path.to_string_lossy())));
    }
    for line in args.forge.next_steps() {
        context.terminal.say(&own.adapt(&own.name_host(line)));
    }
    if own.has_faults {
        context.terminal.say(&format!(
            "note: `{}` has faults, so the workflows are for Zenodo; correct it and write them \
             again with --force where it names another server",
            escape_text(&own.manifest)
        ));
    }
    Ok(ExitCode::Done)
}

/// The manifest of the workflows: next to another manifest's workflows they need other names.
struct Own {
    manifest: String,
    /// The end of the names; empty for the usual manifest.
    suffix: String,
    /// The host of a server that is not built in, and the variable of its token.
    host: Option<(String, String)>,
    /// Whether the manifest is there and does not say its server.
    has_faults: bool,
}

/// The beginnings of the names in workflows that belong to one manifest: of files, workflows, jobs,
/// artifacts and groups.
const NAMES: [&str; 12] = [
    "zrel-plan",
    "zrel-comment",
    "zrel-release",
    "zrel-build",
    "zrel-built",
    "zrel-reserve",
    "gitlab/zrel",
    "name: zrel plan",
    "name: zrel comment",
    "name: zrel release",
    "workflows: [zrel plan",
    "Actions, `zrel release",
];

impl Own {
    /// # Errors
    /// A [`Failure`] for a name that a shell or YAML could read as something else.
    fn of(manifest: &Path, root: &Path) -> Result<Self, Failure> {
        let name = check_manifest_name(manifest, "workflow")?;
        let bare = name.strip_suffix(".toml").unwrap_or(&name);
        let suffix = match bare {
            "zenodo" => String::new(),
            _ => format!("-{}", bare.replace(['/', '.'], "-")),
        };
        let text = inventory::read_manifest(&root.join(&name)).ok();
        let server = text.as_deref().and_then(read_server);
        // One that is not there yet says nothing either, and has no faults.
        let has_faults = text.is_some() && server.is_none();
        let host = server.as_ref().and_then(find_other_host);
        Ok(Self { manifest: name, suffix, host, has_faults })
    }

    fn text_of(&self, file: &Workflow) -> String {
        let text = file.text.replace("@VERSION@", env!("CARGO_PKG_VERSION"));
        self.adapt(&self.name_host(&text))
    }

    /// Puts the server of the manifest into a text: the secret of its token, and that its plans and
    /// comments may be about it.
    fn name_host(&self, text: &str) -> String {
        let Some((host, variable)) = &self.host else { return text.to_owned() };
        let allowed = format!("--allow-server {host}");
        text.replace("ZENODO_TOKEN", variable)
            .replace("plan --public", &format!("plan --public {allowed}"))
            .replace("comment --plan", &format!("comment {allowed} --plan"))
    }

    /// Puts the manifest, and the end of its names, into a text.
    fn adapt(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if self.suffix.is_empty() {
            return text;
        }
        for name in NAMES {
            text = text.replace(name, &format!("{name}{}", self.suffix));
        }
        // Some workflows quote the path of zrel.
        for zrel in ["bin/zrel", "bin/zrel\""] {
            for call in ["plan --", "apply --", "reserve $", "write\n"] {
                let own = format!("{zrel} -m {} {call}", self.manifest);
                text = text.replace(&format!("{zrel} {call}"), &own);
            }
        }
        text.replace("that zenodo.toml names", &format!("that {} names", self.manifest))
    }
}

/// Returns the server of a manifest; none of one with faults.
fn read_server(text: &str) -> Option<Server> {
    let parsed = manifest::parse(text, environment::make_clock().today());
    parsed.manifest?.server().ok()
}

/// Returns the host of a server that is not built in, and the variable of its token.
fn find_other_host(server: &Server) -> Option<(String, String)> {
    let host = engine::parse_host(server).ok().filter(|_| server.kind == ServerKind::Other)?;
    let variable = environment::make_token_variable(&host)?;
    Some((host, variable))
}

fn refuse_to_write_over(root: &Path, files: &[Workflow], own: &Own) -> Result<(), Failure> {
    let there: Vec<String> = files
        .iter()
        .map(|file| own.adapt(file.path))
        // A dangling link counts as well: writing would replace it.
        .filter(|path| root.join(path).symlink_metadata().is_ok())
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    let mut failure =
        Failure::new(ExitCode::Failed, "nothing was written: some files exist already");
    failure.causes.extend(there.iter().map(|path| format!("`{path}` exists")));
    Err(failure.hint("to overwrite them: --force; to compare: --stdout"))
}

fn write_workflow(path: &Path, text: &str) -> Result<(), Failure> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| disk::write_atomically(path, text.as_bytes())).map_err(|error| {
        let message = format!("can't write `{}`", path.display());
        let mut failure = Failure::new(ExitCode::Failed, message);
        failure.causes.push(error.to_string());
        failure.hint("check that the folder can be written to, and has room on its disk")
    })
}
