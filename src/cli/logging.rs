//! What `-v` and `ZREL_LOG` print: the program's events, a line each, on stderr.
//!
//! The engine only emits events. Deliberately absent: those of other crates, which could hold a
//! header.

use std::io;
use std::sync::Arc;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use crate::render::escape_text;
use crate::terminal::Terminal;

use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;

/// The parts of zrel that emit events.
const PARTS: [&str; 5] = ["http", "inventory", "journal", "notify", "refresh"];

/// Prints events to the terminal from now on, where a flag or the variable asks for it.
///
/// # Errors
/// A [`Failure`] for a variable that is not understood.
pub(super) fn start(verbose: u8, terminal: &Arc<Terminal>) -> Result<(), Failure> {
    let variable = environment::read_log_levels();
    let levels = choose_levels(verbose, variable.as_deref()).map_err(|why| {
        let message = format!("can't read the variable ZREL_LOG: {why}");
        let parts = PARTS.join(", ");
        Failure::new(ExitCode::Usage, message)
            .hint("write a level (error, warn, info, debug, trace, off), or PART=LEVEL,PART=LEVEL")
            .hint(format!("the parts are {parts}"))
    })?;
    let Some(levels) = levels else { return Ok(()) };
    let terminal = Arc::clone(terminal);
    let lines = tracing_subscriber::fmt::layer()
        .without_time()
        .with_ansi(false)
        .with_writer(move || Lines(Arc::clone(&terminal)));
    let subscriber = tracing_subscriber::registry().with(levels).with(lines);
    // A second run in the same process keeps what the first one set.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// Returns the level of each part: the flag's, changed by the variable; none when both are absent.
fn choose_levels(verbose: u8, variable: Option<&str>) -> Result<Option<Targets>, String> {
    if verbose == 0 && variable.is_none() {
        return Ok(None);
    }
    let flag = match verbose {
        0 => LevelFilter::OFF,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let asked: Targets = match variable {
        Some(text) => text.parse().map_err(|_| format!("`{text}` is no list of levels"))?,
        None => Targets::new(),
    };
    if let Some((unknown, _)) = asked.iter().find(|(part, _)| !PARTS.contains(part)) {
        return Err(format!("zrel has no part `{unknown}`"));
    }
    let all = asked.default_level().unwrap_or(flag);
    // Only these parts: another crate's events may hold what must not be printed.
    let levels = Targets::new().with_targets(PARTS.map(|part| (part, all)));
    Ok(Some(levels.with_targets(asked.iter())))
}

/// Writes each event as one line.
struct Lines(Arc<Terminal>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Events hold foreign text, such as names of files: none of it may move the cursor.
        let text = String::from_utf8_lossy(bytes);
        self.0.say_beside_bar(&escape_text(text.trim_end()));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn the_variable_changes_what_the_flag_sets() {
        let levels = |verbose, variable| choose_levels(verbose, variable).unwrap().unwrap();
        assert!(choose_levels(0, None).unwrap().is_none());
        let info = levels(1, None);
        assert!(info.would_enable("http", &Level::INFO));
        assert!(!info.would_enable("http", &Level::DEBUG));
        assert!(levels(2, None).would_enable("journal", &Level::DEBUG));
        let both = levels(1, Some("http=debug,refresh=off"));
        assert!(both.would_enable("http", &Level::DEBUG));
        assert!(both.would_enable("inventory", &Level::INFO));
        assert!(!both.would_enable("refresh", &Level::INFO));
        let trace = levels(2, Some("trace"));
        assert!(trace.would_enable("http", &Level::TRACE));
        assert!(!trace.would_enable("hyper", &Level::ERROR), "another crate's");
    }

    #[test]
    fn a_part_that_there_is_not_and_a_level_that_there_is_not_are_told() {
        assert!(choose_levels(0, Some("hyper=trace")).unwrap_err().contains("no part `hyper`"));
        assert!(choose_levels(0, Some("http=loud")).is_err());
    }
}
