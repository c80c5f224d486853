//! Runs the program on a terminal of its own.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

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

/// Runs `zrel` on a terminal after these commands of a shell, and types each line once what stands
/// before it was printed: what is typed sooner is shown by the terminal itself.
pub(crate) fn converse(world: &World, set_up: &str, args: &str, lines: &[(&str, &str)]) -> Ran {
    let mut child = start_in_terminal(world, set_up, args);
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let (mut printed, mut buffer) = (Vec::new(), [0; 4096]);
    let mut lines = lines.iter().peekable();
    while let Some(read) = output.read(&mut buffer).ok().filter(|read| *read > 0) {
        printed.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&printed);
        if let Some((_, line)) = lines.next_if(|(prompt, _)| text.contains(prompt)) {
            writeln!(input, "{line}").unwrap();
        }
    }
    let code = child.wait().unwrap().code().unwrap_or(-1);
    Ran { code, stdout: String::from_utf8_lossy(&printed).into_owned(), stderr: String::new() }
}

fn type_into_terminal(world: &World, set_up: &str, args: &str, lines: &str) -> Ran {
    let mut child = start_in_terminal(world, set_up, args);
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

fn start_in_terminal(world: &World, set_up: &str, args: &str) -> Child {
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
    command.spawn().unwrap()
}
