//! Does what zrel's messages say, as a person would who knows nothing else.

use zrel::model::RecordId;
use zrel::plan::PlanFlags;

use crate::support::world::{Ran, World};

use super::runner::Runner;

/// Applies until it succeeds, at most so many times; each time after the first with what the
/// messages before asked for. Returns all runs.
pub(crate) fn apply(
    runner: Runner,
    world: &World,
    mut flags: PlanFlags,
    at_most: usize,
) -> Vec<Ran> {
    let mut runs: Vec<Ran> = Vec::new();
    while runs.len() < at_most && runs.last().is_none_or(|ran| ran.code != 0) {
        if let Some(last) = runs.last() {
            follow(world, last, &mut flags);
        }
        runs.push(runner.apply(world, flags.clone()));
    }
    runs
}

/// Takes the way out that a message names.
pub(crate) fn follow(world: &World, ran: &Ran, flags: &mut PlanFlags) {
    let said = format!("{}\n{}", ran.stdout, ran.stderr);
    if let Some(draft) = number_after(&said, "zrel apply --adopt-draft ") {
        flags.adopt_draft = Some(RecordId(draft.parse().unwrap()));
    }
    if let Some(version) = number_after(&said, "zrel apply --over ") {
        flags.over = Some(RecordId(version.parse().unwrap()));
    }
    if said.contains("hint: raise `version` in the manifest") {
        let manifest = world.read("zenodo.toml").replace("version = \"1.0\"", "version = \"1.2\"");
        world.write("zenodo.toml", &manifest.replace("version = \"1.1\"", "version = \"1.2\""));
    }
    let is_published = said.contains("name its concept under [record.concept]")
        && !said.contains("zrel apply --adopt-draft");
    if is_published && let Some(concept) = number_after(&said, " of concept ") {
        let manifest = world.read("zenodo.toml");
        let table = format!("\n[record.concept]\ntest = \"{concept}\"\n");
        world.write("zenodo.toml", &format!("{manifest}{table}"));
    }
}

fn number_after(text: &str, words: &str) -> Option<String> {
    let rest = &text[text.find(words)? + words.len()..];
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!number.is_empty()).then_some(number)
}
