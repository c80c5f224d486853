//! `zrel schema`: writes the JSON schema of the manifest, where an editor finds it, or of plans and receipts.

use crate::cli::args::schema::Schema;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::disk;
use crate::engine::receipt::RECEIPT_SCHEMA;
use crate::inventory;
use crate::manifest;

pub(super) fn run(context: &Context, args: &Schema) -> Result<ExitCode, Failure> {
    let (name, schema) = if args.plan {
        ("plan.schema.json", crate::plan::SCHEMA.to_owned())
    } else if args.receipt {
        ("receipt.schema.json", RECEIPT_SCHEMA.to_owned())
    } else {
        ("zenodo.schema.json", manifest::render_schema())
    };
    if args.stdout {
        context.terminal.print(&schema);
        return Ok(ExitCode::Done);
    }
    let root = context.global.directory.clone().unwrap_or_else(|| ".".into());
    let folder = inventory::prepare_zrel_dir(&root)
        .map_err(|error| Failure::of(ExitCode::Failed, &error))?;
    let path = folder.join(name);
    disk::write_atomically(&path, schema.as_bytes()).map_err(|error| {
        let mut failure =
            Failure::new(ExitCode::Failed, format!("can't write `{}`", path.display()));
        failure.causes.push(error.to_string());
        failure
    })?;
    context.terminal.print(&format!("Wrote {}\n", path.display()));
    // The line below is for a manifest, and nobody edits a plan or a receipt.
    if args.plan || args.receipt {
        return Ok(ExitCode::Done);
    }
    context.terminal.inform("Put this line first in the manifest, and an editor completes it:");
    context.terminal.inform("#:schema ./.zrel/zenodo.schema.json");
    Ok(ExitCode::Done)
}
