//! The user's own program: it gets the message as JSON on its stdin, and nothing of zrel's
//! environment but what every program needs.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::channel::CommandLine;
use super::channels::render_webhook;
use super::message::Message;
use super::text::{clean_line, cut};

/// Characters of what a program said that are shown.
const SHOWN: usize = 200;

/// How much of its stderr is kept. Bytes.
const MOST_READ: u64 = 16 * 1024;

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// How long its stderr is waited for, once it has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Where programs of the user run, and with which variables.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The variables.
    pub variables: Vec<(String, OsString)>,
    /// The folder: never that of a manifest, whose files may be a stranger's.
    pub folder: PathBuf,
}

/// Why a program did not take a message.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It can't be run.
    #[error("the program can't be run")]
    Unrun(#[source] std::io::Error),
    /// It takes too long, and was ended.
    #[error("the program took more than {} s, and was ended", .0.as_secs())]
    TooSlow(Duration),
    /// It failed.
    #[error("the program ended with {status}: {said}")]
    Failed {
        /// How it ended.
        status: String,
        /// What it said on stderr, shortened.
        said: String,
    },
}

/// Runs a program with a message.
///
/// # Errors
/// A [`ProgramError`] when it did not end with success in time.
pub(super) async fn run_program(
    command: &CommandLine,
    message: &Message,
    (surroundings, timeout): (&Surroundings, Duration),
) -> Result<(), ProgramError> {
    let input = render_webhook(message).to_string();
    let (command, surroundings) = (command.clone(), surroundings.clone());
    // The program is waited for where it blocks no other channel.
    let run = move || run_to_end(&command, input, (&surroundings, timeout));
    let ran = tokio::task::spawn_blocking(run).await;
    ran.unwrap_or_else(|error| Err(ProgramError::Unrun(std::io::Error::other(error))))
}

fn run_to_end(
    command: &CommandLine,
    input: String,
    (surroundings, timeout): (&Surroundings, Duration),
) -> Result<(), ProgramError> {
    let mut child = Command::new(&command.program)
        .args(&command.arguments)
        .env_clear()
        .envs(surroundings.variables.iter().cloned())
        .current_dir(&surroundings.folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(ProgramError::Unrun)?;
    let heard = talk(&mut child, input);
    let Some(status) = wait(&mut child, timeout).map_err(ProgramError::Unrun)? else {
        return Err(ProgramError::TooSlow(timeout));
    };
    if status.success() {
        return Ok(());
    }
    // A program that it started may hold its stderr open.
    let said = heard.recv_timeout(LAST_WORDS).unwrap_or_default();
    let said = cut(&clean_line(&String::from_utf8_lossy(&said)), SHOWN);
    let said = if said.is_empty() { "nothing on stderr".to_owned() } else { said };
    Err(ProgramError::Failed { status: status.to_string(), said })
}

/// Writes the message to the program, and returns where the begin of its stderr comes.
fn talk(child: &mut Child, input: String) -> mpsc::Receiver<Vec<u8>> {
    let (sender, heard) = mpsc::channel();
    if let Some(mut stdin) = child.stdin.take() {
        // A program need not read its message, and may end before it is written.
        std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    if let Some(mut stderr) = child.stderr.take() {
        std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = (&mut stderr).take(MOST_READ).read_to_end(&mut said);
            let _ = sender.send(said);
            // Read to its end: a full pipe would stop the program.
            let _ = std::io::copy(&mut stderr, &mut std::io::sink());
        });
    }
    heard
}

/// Waits for a program; one that takes too long is ended, and has no status.
fn wait(child: &mut Child, timeout: Duration) -> std::io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() >= timeout {
            let _ = child.kill();
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}
