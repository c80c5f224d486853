//! `zrel serve`: the local server in the foreground.

use std::path::PathBuf;

use super::Context;
use super::args::Serve;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::{environment, interruption, outcome};
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
        clock: environment::clock(),
        faults,
        log: args.log_requests.then(log_to_stderr),
        ..ServeOptions::new(data.clone())
    };
    context.runtime.block_on(async {
        let running = local::start(options).await.map_err(|error| outcome::of_local(&error))?;
        if running.is_joined() {
            let url = running.base_url().to_owned();
            running.stop().await;
            let message = format!("another zrel serves `{}` at {url}", data.display());
            return Err(Failure::new(ExitCode::Busy, message));
        }
        context.ui.print(&format!("Serving a Zenodo for rehearsals at {}\n", running.base_url()));
        context.ui.say(&format!("The data are in {}. Stop with Ctrl-C.", data.display()));
        interruption::stop_signal().await;
        running.stop().await;
        Ok(ExitCode::Done)
    })
}

/// One line a request. The server is chatty on purpose here: it is what was asked for.
fn log_to_stderr() -> Box<dyn Fn(&str) + Send + Sync> {
    let ui = crate::ui::Ui::new(anstream::ColorChoice::Never, crate::ui::Asking::Forbidden);
    Box::new(move |line: &str| ui.say(line))
}
