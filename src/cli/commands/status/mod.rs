//! `zrel status`: the state of the record, in a few lines.

mod look;
mod show;
mod watch;

use look::Looker;
use show::{encode_status, render_status};

use super::workspace::{run_for_each, run_together};
use crate::cli::args::Format;
use crate::cli::args::status::Status;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::Compared;

pub(super) fn run(context: &Context, args: &Status) -> Result<ExitCode, Failure> {
    let meant = (&args.members, args.output.format);
    if args.watch {
        // At the same time: the decision about one record may come after that about the next.
        return run_together(context, meant, Compared::Alone, |turns| {
            watch::watch(context, args, turns)
        });
    }
    run_for_each(context, meant, Compared::Together, |own| show(own, args.output.format))
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
