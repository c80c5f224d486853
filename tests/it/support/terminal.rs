//! Runs the program on a terminal of its own.

use std::io::Write;
use std::process::{Command, Stdio};

use super::world::{Ran, World};

/// Runs `zrel` with these arguments on a terminal, and types these lines. Both streams of the
/// program are in `stdout`.
pub(crate) fn type_into(world: &World, args: &str, lines: &str) -> Ran {
    type_into_terminal(world, "true", args, lines)
}

/// Does the same on a terminal with so many columns.
pub(crate) fn type_into_columns(world: &World, columns: usize, args: &str, lines: &str) -> Ran {
    type_into_terminal(world, &format!("stty rows 40 cols {columns}"), args, lines)
}

/// Runs `zrel` on a terminal of this kind, as `TERM` has it, and types nothing.
pub(crate) fn type_into_as(world: &World, kind: &str, args: &str) -> Ran {
    type_into_terminal(world, &format!("export TERM={kind}"), args, "")
}

fn type_into_terminal(world: &World, set_up: &str, args: &str, lines: &str) -> Ran {
    let zrel = env!("CARGO_BIN_EXE_zrel");
    let with_environment = world.command(&[]);
    let environment = with_environment.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command"])
        .arg(format!("{set_up} && {zrel} {args}"))
        .arg("/dev/null")
        .current_dir(world.project())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}
