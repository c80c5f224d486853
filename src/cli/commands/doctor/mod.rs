//! `zrel doctor`: looks at everything that an apply needs, and continues where a part fails.

mod check;
mod connection;
mod drafts;
mod faulty;
mod fix;
mod foreseen;
mod give_back;
mod project;
mod release;
mod show;
mod troubles;

use crate::api::Signs;
use crate::cli::args::doctor::Doctor;
use crate::cli::args::{Format, Members};
use crate::cli::commands::workspace::run_for_each;
use crate::cli::connection::{connect, connect_with};
use crate::cli::context::Context;
use crate::cli::credential::Found;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::{Compared, select};
use crate::engine::doctor::examine_drafts;
use crate::engine::{EngineError, Project, ProjectPaths, Session};
use crate::model::{Server, ServerKind};

use check::{Check, Standing};
use connection::{
    check_answer, check_clock, check_credential, check_proxy, check_rate, check_source,
};
use drafts::check_drafts;
use faulty::find_faulty_server;
use release::{check_plan, make_checked_plan};
use show::{encode_checks, render_checks};

pub(super) fn run(context: &Context, args: &Doctor) -> Result<ExitCode, Failure> {
    if args.fix {
        run_fix(context, args)?;
        return Ok(report(context, args));
    }
    let all = Members::default();
    // A root has no record of its own: each member is looked at. A manifest that can't be read is one
    // of the things that are reported.
    if let Ok(Some(_)) = select(context, &all) {
        let meant = (&all, args.output.format);
        return run_for_each(context, meant, Compared::Alone, |own| Ok(report(own, args)));
    }
    Ok(report(context, args))
}

/// Looks at everything, and says what stands in the way.
fn report(context: &Context, args: &Doctor) -> ExitCode {
    let checks = look(context);
    match args.output.format {
        Format::Json => context.put_document(encode_checks(&checks)),
        Format::Text => context.terminal.print_text(&render_checks(&checks)),
    }
    let is_blocked = checks.iter().any(|check| check.standing == Standing::Blocks);
    if is_blocked { ExitCode::Blocked } else { ExitCode::Done }
}

/// Mends the record's drafts. Unlike the look that follows, it needs all that an apply needs.
fn run_fix(context: &Context, args: &Doctor) -> Result<(), Failure> {
    if args.output.format == Format::Json {
        return Err(fix::refuse_document());
    }
    let project = Project::load(context.project_options())?;
    let _one_run = project.run_lock()?;
    context.runtime.block_on(async {
        let session = connect(context, &project).await?;
        let mended = fix::mend(context, args, &project, &session).await;
        session.close().await;
        mended
    })
}

/// Looks at everything.
fn look(context: &Context) -> Vec<Check> {
    let version = concat!("zrel ", env!("CARGO_PKG_VERSION"));
    let mut checks = vec![Check::new("version", Standing::Good, version)];
    let loaded = Project::load(context.project_options());
    checks.push(project::check_manifest(&loaded));
    checks.extend(look_at_disk(context, &loaded));
    let server = match &loaded {
        Ok(project) => Some(project.server.clone()),
        Err(_) => find_faulty_server(context),
    };
    match server {
        Some(server) => checks.extend(look_at_server(context, &server, loaded.as_ref().ok())),
        None => checks.push(Check::new(
            "connection",
            Standing::NotChecked,
            "which server is meant is not known: the manifest can't be read",
        )),
    }
    checks
}

fn look_at_disk(context: &Context, loaded: &Result<Project, EngineError>) -> Vec<Check> {
    let Ok(project) = loaded else { return look_at_paths(context) };
    vec![
        project::check_lock(&project.paths, &project.lock_path()),
        project::check_journal(project),
        project::check_run(&project.paths),
    ]
}

/// Looks at lock and journals of a manifest that can't be read.
fn look_at_paths(context: &Context) -> Vec<Check> {
    let options = context.project_options();
    let Ok(paths) = ProjectPaths::of(&options.folder, &options.manifest) else { return Vec::new() };
    let [lock, _] = paths.locks();
    let mut checks = vec![project::check_lock(&paths, &lock)];
    checks.extend(project::check_journals(&paths));
    checks.push(project::check_run(&paths));
    checks
}

fn look_at_server(context: &Context, server: &Server, project: Option<&Project>) -> Vec<Check> {
    let mut checks = vec![check_proxy(server)];
    let (found, source) = check_source(context, server);
    let is_known = found.is_some() || server.kind == ServerKind::Local;
    context.runtime.block_on(async {
        let session = match open_session(context, server, (project, found)).await {
            Ok(session) => session,
            Err(failure) => {
                let failure = failure.join_causes();
                let check = Check::new("connection", Standing::Blocks, failure.message)
                    .apply("stops before it sends anything");
                checks.extend([source, connection::with_hints(check, &failure.hints)]);
                return;
            }
        };
        let signs = session.read().read_signs().await;
        checks.push(check_answer(server, &signs));
        match &signs {
            Ok(signs) => checks.extend(check_signs(context, source, signs)),
            Err(_) => checks.push(source),
        }
        let is_taken = is_known && signs.is_ok_and(|signs| signs.user.is_ok());
        match project.filter(|_| is_taken) {
            Some(project) => checks.extend(look_at_record(context, project, &session).await),
            None => checks.push(Check::new(
                "draft",
                Standing::NotChecked,
                "drafts are read with a credential that the server takes, and a whole manifest",
            )),
        }
        session.close().await;
    });
    checks
}

/// Connects also without a credential: what the server says of the rest is worth knowing.
async fn open_session(
    context: &Context,
    server: &Server,
    (project, found): (Option<&Project>, Option<Found>),
) -> Result<Session, Failure> {
    match project.filter(|_| server.kind == ServerKind::Local) {
        Some(project) => connect(context, project).await,
        None => connect_with(context, server, found.map(|found| found.credential)),
    }
}

fn check_signs(context: &Context, source: Check, signs: &Signs) -> [Check; 3] {
    [check_clock(context, signs), check_credential(source, signs), check_rate(signs.budget)]
}

/// Looks at the record's drafts, and at the plan.
async fn look_at_record(context: &Context, project: &Project, session: &Session) -> Vec<Check> {
    let made = make_checked_plan(context, project, session).await;
    let mut checks = if let Ok(examination) = examine_drafts(project, session).await {
        check_drafts(&examination, made.as_ref().ok(), &context.command())
    } else {
        // Lock or journal are damaged, which is reported already.
        let text = "which record is meant is not known";
        vec![Check::new("draft", Standing::NotChecked, text)]
    };
    checks.push(check_plan(&made));
    checks
}
