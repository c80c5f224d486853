//! The addresses of secret links: printed to a terminal, or written into a private file.

use std::fmt::Write;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::cli::args::Format;
use crate::cli::args::access::Access;
use crate::cli::context::Context;
use crate::cli::environment::is_ci;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::unpublished::{refuse_published_path, refuse_spelled_path};
use crate::disk::write_private;
use crate::engine::{Project, ProjectOptions};
use crate::inventory::complete_path;
use crate::lock::{COMMITTED_LOCK, USUAL_MANIFEST};
use crate::observed::RecordAccess;
use crate::render::{count, escape_text};
use crate::terminal::Terminal;

/// What stands in place of an address.
const HIDDEN: &str = "(the server does not show it)";

/// Refuses to print addresses where others may read them, and to write them into a file that the
/// project publishes.
///
/// # Errors
/// A [`Failure`] that says why.
pub(super) fn check_addresses(
    terminal: &Terminal,
    project: &Project,
    args: &Access,
) -> Result<(), Failure> {
    if args.addresses {
        let reader = if args.output.format == Format::Json {
            Some("a JSON document has none")
        } else if is_ci() {
            Some("the log of a workflow keeps what is printed")
        } else {
            (!terminal.is_for_people()).then_some("the output is no terminal")
        };
        if let Some(reason) = reader {
            let message = format!("--addresses prints secrets, and {reason}");
            return Err(Failure::new(ExitCode::Usage, message)
                .hint("write them into a file that only you can read: --addresses-to FILE"));
        }
    }
    args.addresses_to.as_ref().map_or(Ok(()), |path| refuse_published(project, path))
}

fn refuse_published(project: &Project, path: &Path) -> Result<(), Failure> {
    refuse_published_path(project, "--addresses-to", path)?;
    refuse_spelled_path(project, "--addresses-to", path)
}

/// Refuses a file that has anything but addresses in it, one that zrel works with, and one that is
/// published from any folder above it.
///
/// # Errors
/// A [`Failure`] that says why.
pub(super) fn check_target(context: &Context, path: &Path) -> Result<(), Failure> {
    let refuse = |why: &str| {
        Failure::new(ExitCode::Usage, format!("`{}` {why}", path.display()))
            .hint("write the addresses elsewhere: --addresses-to FILE")
    };
    check_content(path).map_err(|why| refuse(&why))?;
    let Some(whole) = complete_path(path) else { return Err(refuse("is in no folder")) };
    let is_own_name = [USUAL_MANIFEST, COMMITTED_LOCK].iter().any(|name| whole.ends_with(name));
    if is_own_name || whole.iter().any(|part| part == ".zrel") {
        return Err(refuse("is a file of zrel"));
    }
    // Another member of a workspace may publish it.
    for above in whole.ancestors().filter(|above| above.join(USUAL_MANIFEST).is_file()) {
        let options = ProjectOptions {
            folder: above.to_owned(),
            manifest: USUAL_MANIFEST.into(),
            planned_in: None,
            ..context.project_options()
        };
        // The root of a workspace is no project, and publishes nothing.
        if let Ok(project) = Project::load(options) {
            refuse_published(&project, path)?;
        }
    }
    Ok(())
}

/// Returns why a path can't be replaced, if it can't: only a list of addresses is.
fn check_content(path: &Path) -> Result<(), String> {
    // Others write to stdout by this name.
    if path.as_os_str() == "-" {
        return Err("is no file".to_owned());
    }
    match fs::symlink_metadata(path) {
        // Reading from a pipe would wait for ever.
        Ok(found) if !found.is_file() => Err("is no file".to_owned()),
        Ok(_) => match fs::read(path) {
            Ok(bytes) if is_list_of_addresses(&bytes) => Ok(()),
            Ok(_) => Err("exists, and is no list of addresses".to_owned()),
            Err(error) => Err(format!("can't be read: {error}")),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("can't be written: {error}")),
    }
}

/// Returns whether a file is as [`list_addresses`] writes it.
fn is_list_of_addresses(bytes: &[u8]) -> bool {
    let is_address = |line: &str| {
        line.starts_with(HIDDEN) || (line.starts_with("http") && line.contains("token="))
    };
    str::from_utf8(bytes).is_ok_and(|text| !text.is_empty() && text.lines().all(is_address))
}

/// Returns the addresses of the secret links, a line each, with the name behind it, and the draft
/// that it leads to where it is not the record.
pub(super) fn list_addresses(access: &RecordAccess) -> String {
    let mut out = String::new();
    for secret in &access.links {
        let name = escape_text(&secret.link.name);
        let addresses = access.find_addresses(secret);
        if addresses.is_empty() {
            let _ = writeln!(out, "{HIDDEN}  {name}");
        }
        for (id, address) in addresses {
            let which = if id == access.id { String::new() } else { format!(" (draft {id})") };
            let _ = writeln!(out, "{}  {name}{which}", escape_text(&address));
        }
    }
    out
}

/// Writes the addresses into a file that only the user can read, and says how many.
///
/// # Errors
/// A [`Failure`] when it can't be written.
pub(super) fn write_addresses(terminal: &Terminal, list: &str, path: &Path) -> Result<(), Failure> {
    write_private(path, list.as_bytes()).map_err(|error| {
        let message = format!("can't write `{}`: {error}", path.display());
        Failure::new(ExitCode::Failed, message)
    })?;
    let addresses = count(list.lines().count(), "address");
    terminal.inform(&format!("Wrote {addresses} to {}.", path.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_list_of_addresses;

    #[test]
    fn only_a_list_of_addresses_is_replaced() {
        let address = "https://zenodo.org/records/1?preview=1&token=e.e.s  reviewers\n";
        let hidden = "(the server does not show it)  others\n";
        for text in [address, &[address, hidden].concat()] {
            assert!(is_list_of_addresses(text.as_bytes()), "{text}");
        }
        for text in ["", "\n", "a,b\n", "https://zenodo.org\n", &[address, "a,b\n"].concat()] {
            assert!(!is_list_of_addresses(text.as_bytes()), "{text}");
        }
        assert!(!is_list_of_addresses(&[0xff]));
    }
}
