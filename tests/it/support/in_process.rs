//! Applies and plans through the engine, and tells what the program would print and exit with.
//!
//! Does what `src/cli/commands/apply.rs` and `plan.rs` do, where `--auto-approve` is given and
//! nobody can be asked; the fault matrix holds the two against each other. Deliberately absent: what
//! the program prints of an apply that ended well.

use std::fmt::Write;
use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anstream::adapter::strip_str;
use zrel::apply::{SeededFault, stop_channel};
use zrel::check::{Checked, Verdict};
use zrel::cli::ExitCode;
use zrel::cli::in_process::{explain_error, explain_refusal};
use zrel::engine::{
    EngineError, Limits, Notice, PlanInputs, Project, Release, Session, Sink, make_plan,
    make_policy, settle_empty,
};
use zrel::event::Event;
use zrel::plan::{Plan, PlanFlags, Policy, Readers};
use zrel::render::{Detail, render_event, render_findings, render_plan_text};

use crate::support::world::{Ran, World};

/// The exit code of a process that panics.
const PANICKED: i32 = 101;

/// The orders of an apply.
#[derive(Debug, Clone, Default)]
pub(crate) struct Orders {
    /// Its flags.
    pub(crate) flags: PlanFlags,
    /// `--silence`.
    pub(crate) read_timeout: Option<Duration>,
    /// What is put into the client on purpose.
    pub(crate) seeded_fault: Option<SeededFault>,
}

/// Runs `zrel apply --auto-approve`.
pub(crate) fn apply(world: &World, orders: &Orders) -> Ran {
    run(world, orders.read_timeout, async |project, heard| {
        let _one_run = take_run_lock(project).map_err(|error| explain_error(&error, None))?;
        let session = Session::connect(project, Some(world.token()));
        let session = session.await.map_err(|error| explain_error(&error, None))?;
        let seeded_fault = orders.seeded_fault;
        let release = Release {
            jobs: world.jobs(),
            sink: heard,
            seeded_fault,
            ..Release::new(project, &session)
        };
        let code = apply_on(release, heard, orders.flags.clone()).await;
        session.close().await;
        code
    })
}

/// Runs `zrel plan --detailed-exitcode`.
pub(crate) fn plan(world: &World) -> Ran {
    run(world, None, async |project, heard| {
        let failed = |error: EngineError| explain_error(&error, None);
        let (inputs, policy) = gather(project, PlanFlags::default()).map_err(failed)?;
        let session = Session::connect(project, Some(world.token())).await.map_err(failed)?;
        let observed = session.observe(&inputs, &policy).await;
        session.close().await;
        let checked = make_plan(&inputs, &observed.map_err(failed)?, &policy);
        heard.print_plan(project, &checked);
        Ok(if checked.verdict() == Verdict::Blocked {
            ExitCode::Blocked
        } else if checked.plan().is_empty() {
            ExitCode::Done
        } else {
            ExitCode::Changes
        })
    })
}

/// Runs `zrel plan --detailed-exitcode`, and stops the test unless there is nothing to do.
#[track_caller]
pub(crate) fn expect_no_changes(world: &World) {
    let plan = plan(world);
    assert!(plan.code == 0 && plan.stdout.contains("No changes."), "{plan}");
}

/// How a command ends: with a code, or with a code and a text for stderr.
type Ending = Result<ExitCode, (ExitCode, String)>;

/// Runs a command in a runtime of its own: when it ends all its connections do, as with a process.
fn run(
    world: &World,
    read_timeout: Option<Duration>,
    command: impl AsyncFnOnce(&Project, &Heard) -> Ending,
) -> Ran {
    let heard = Heard::default();
    let mut options = world.project_options();
    options.read_timeout = read_timeout.unwrap_or(options.read_timeout);
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let project = Project::load(options).map_err(|error| explain_error(&error, None))?;
        runtime.block_on(command(&project, &heard))
    }));
    let code = match ended {
        Ok(Ok(code)) => code.number().into(),
        Ok(Err((code, text))) => {
            heard.say(&text);
            code.number().into()
        }
        Err(_) => PANICKED,
    };
    heard.into_ran(code, world)
}

/// Takes the lock of a run. A process that another thread starts has a copy of each open file until
/// its program runs, and so keeps the lock of a run that has ended here; this waits for it.
fn take_run_lock(project: &Project) -> Result<File, EngineError> {
    let until = Instant::now() + Duration::from_secs(2);
    loop {
        match project.run_lock() {
            Err(EngineError::Busy(_)) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
            }
            taken => return taken,
        }
    }
}

fn gather(project: &Project, flags: PlanFlags) -> Result<(PlanInputs, Policy), EngineError> {
    let inputs = project.gather(project.inventory(Limits::default(), &|_| {})?)?;
    let policy = make_policy(project, &inputs, flags, Readers::Owner);
    Ok((inputs, policy))
}

/// Plans, and applies what is ready.
async fn apply_on(release: Release<'_>, heard: &Heard, flags: PlanFlags) -> Ending {
    let project = release.project;
    let failed = |error: EngineError| explain_error(&error, None);
    let (mut inputs, policy) = gather(project, flags).map_err(failed)?;
    let observed = release.observe(&inputs, &policy).await.map_err(failed)?;
    let checked = make_plan(&inputs, &observed, &policy);
    heard.print_plan(project, &checked);
    let left = if checked.plan().is_empty() {
        settle_empty(project, &mut inputs, observed, &checked).map_err(failed)?
    } else {
        if let Some(refusal) = explain_refusal(project, &checked, &policy) {
            return Err(refusal);
        }
        let (_nobody_asks, stop) = stop_channel();
        let applied = release.apply(&mut inputs, &policy, checked, observed, &stop).await;
        applied.map_err(|error| explain_error(&error, Some(project)))?
    };
    let open = policy.unfinished.as_ref();
    release.report_unused_draft(open, &left.ids()).await.map_err(failed)?;
    Ok(ExitCode::Done)
}

/// What a command prints.
#[derive(Debug, Default)]
struct Heard {
    stdout: Mutex<String>,
    stderr: Mutex<String>,
}

impl Heard {
    fn print_plan(&self, project: &Project, checked: &Checked) {
        let mut stdout = self.stdout.lock().unwrap();
        stdout.push_str(&render_plan_text(checked, Detail::FOLDED));
        let findings = render_findings(checked.findings(), Some(project.source()));
        if !findings.is_empty() {
            let _ = write!(stdout, "\n{}\n", findings.trim_end());
        }
    }

    fn say(&self, line: &str) {
        let mut stderr = self.stderr.lock().unwrap();
        stderr.push_str(line);
        stderr.push('\n');
    }

    /// Returns what was heard, as of a process in the project's folder, where no path names it.
    fn into_ran(self, code: i32, world: &World) -> Ran {
        let folder = world.project().display().to_string();
        let text = |heard: Mutex<String>| {
            let heard = heard.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
            let plain = strip_str(&heard).to_string();
            plain.replace(&format!(" -C {folder}"), "").replace(&format!("{folder}/"), "")
        };
        Ran { code, stdout: text(self.stdout), stderr: text(self.stderr) }
    }
}

impl Sink for Heard {
    fn event(&self, event: &Event, plan: &Plan) {
        if let Some(line) = render_event(event, plan) {
            self.say(&line);
        }
    }

    fn notice(&self, notice: &Notice) {
        self.say(&format!("      {notice}"));
    }
}
