//! `zrel status`: the state of the record, in a few lines.

mod look;
mod show;
mod watch;

use look::Looker;
use show::{encode_status, render_status};

use super::workspace::run_for_each;
use crate::cli::args::Format;
use crate::cli::args::status::Status;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::Compared;

pub(super) fn run(context: &Context, args: &Status) -> Result<ExitCode, Failure> {
    run_for_each(context, (&args.members, args.output.format), Compared::Together, |own| {
        if args.watch { watch::watch(own, args) } else { show(own, args.output.format) }
    })
}

/// Shows the state of one record.
fn show(context: &Context, format: Format) -> Result<ExitCode, Failure> {
    let looker = Looker::new(context)?;
    let look = looker.look()?;
    if format == Format::Json {
        context.put_document(encode_status(&looker.inputs, &look.observed, &look.checked));
    } else {
        let text = render_status(&looker.inputs, &look.observed, &look.checked);
        context.terminal.print_text(&text);
    }
    Ok(look.choose_code())
}
