//! `zrel serve`: the local server in the foreground.

use std::path::{Path, PathBuf};

use crate::cli::args::serve::Serve;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption;
use crate::inventory;
use crate::local::{self, Faults, ServeOptions};

pub(super) fn run(context: &Context, args: &Serve) -> Result<ExitCode, Failure> {
    let root = context.global.directory.clone().unwrap_or_else(|| ".".into());
    let data = match &args.data {
        Some(data) => root.join(data),
        None => inventory::prepare_zrel_dir(&root)
            .map_err(|error| Failure::of(ExitCode::Failed, &error))?
            .join("local"),
    };
    // Both come before the start, which refuses damaged data.
    if args.check {
        return check_data(context, &data);
    }
    if args.set_aside {
        return set_aside(context, &root, &data, args.data.is_none());
    }
    let text = |path: &PathBuf| {
        let text = inventory::read_manifest(&root.join(path));
        text.map_err(|error| Failure::of(ExitCode::Invalid, &error))
    };
    let seed = args.seed.as_ref().map(text).transpose()?;
    let seed = seed.map(|text| local::parse_seed(&text)).transpose();
    let seed = seed.map_err(|error| Failure::of(ExitCode::Invalid, &error))?;
    let faults = Faults::none();
    if let Some(path) = &args.faults {
        let planned = local::parse_faults(&text(path)?).map_err(|error| {
            Failure::new(ExitCode::Invalid, format!("`{}`: {error}", path.display()))
        })?;
        faults.set(planned);
    }
    let options = ServeOptions {
        port: args.port,
        seed,
        clock: environment::make_clock(),
        faults,
        rate: args.rate,
        apis: args.api.into(),
        loses_dois: args.lose_dois,
        has_optional_dois: args.optional_dois,
        log: args.log_requests.then(log_to_stderr),
        ..ServeOptions::new(data.clone())
    };
    context.runtime.block_on(async {
        let running =
            local::start(options).await.map_err(|error| error_mapping::map_local_error(&error))?;
        // `start` joined a server that runs already, which has other faults and another seed.
        if running.is_joined() {
            let url = running.base_url().to_owned();
            running.stop().await;
            let message = format!("another zrel serves `{}` at {url}", data.display());
            return Err(Failure::new(ExitCode::Busy, message));
        }
        context
            .terminal
            .print(&format!("Serving a Zenodo for rehearsals at {}\n", running.base_url()));
        context.terminal.inform(&format!("The data are in {}. Stop with Ctrl-C.", data.display()));
        interruption::stop_signal().await;
        running.stop().await;
        Ok(ExitCode::Done)
    })
}

/// Reports what the data contain, and whether they are whole.
fn check_data(context: &Context, data: &Path) -> Result<ExitCode, Failure> {
    if !data.is_dir() {
        let message = format!("there is no folder `{}`", data.display());
        return Err(Failure::new(ExitCode::Failed, message)
            .hint("the local server makes it when it starts for the first time"));
    }
    let contents =
        local::look_through(data).map_err(|error| error_mapping::map_local_error(&error))?;
    let shown = data.display();
    if !contents.damaged.is_empty() {
        let mut failure = Failure::new(ExitCode::Invalid, format!("files in {shown} are damaged"));
        failure.causes = contents.damaged;
        return Err(failure.hint(error_mapping::SET_ASIDE));
    }
    let count = |n: usize, one: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    };
    context.terminal.print_text(&format!(
        "The data in {shown} are whole: {}, {}, {}.\n",
        count(contents.records, "published version"),
        count(contents.drafts, "draft"),
        count(contents.files, "file"),
    ));
    Ok(ExitCode::Done)
}

/// Moves the data aside, and the lock of the local server with them.
fn set_aside(
    context: &Context,
    root: &Path,
    data: &Path,
    is_own: bool,
) -> Result<ExitCode, Failure> {
    let stamp = environment::make_clock().now().strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
    let aside =
        local::set_aside(data, &stamp).map_err(|error| error_mapping::map_local_error(&error))?;
    let Some(aside) = aside else {
        context.terminal.print(&format!("There are no data in {}.\n", data.display()));
        return Ok(ExitCode::Done);
    };
    // The lock names records that an empty server does not have; other data have no lock here.
    if is_own {
        move_memory(&root.join(".zrel"), &aside).map_err(|error| {
            let message = format!("can't move the local server's lock to {}", aside.display());
            let mut failure = Failure::new(ExitCode::Failed, message);
            failure.causes.push(error.to_string());
            failure
        })?;
    }
    context.terminal.print_text(&format!(
        "The data of the local server are in {} now; the next command begins with an empty one.\n",
        aside.display()
    ));
    Ok(ExitCode::Done)
}

/// Moves the lock and the journals of the local server.
fn move_memory(zrel: &Path, aside: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(zrel)? {
        let name = entry?.file_name();
        let is_local = name == "local.lock" || name.to_string_lossy().starts_with("journal-local");
        if is_local {
            std::fs::rename(zrel.join(&name), aside.join(&name))?;
        }
    }
    Ok(())
}

/// Returns a log that writes a line per request to stderr, as `--log-requests` asks for.
fn log_to_stderr() -> Box<dyn Fn(&str) + Send + Sync> {
    let terminal = crate::terminal::Terminal::new(
        anstream::ColorChoice::Never,
        crate::terminal::Asking::Forbidden,
    );
    Box::new(move |line: &str| terminal.say(line))
}
