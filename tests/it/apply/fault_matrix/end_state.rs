//! What a server holds, without what differs from run to run.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::support::world::World;

/// What a server holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct End {
    /// The published versions of all records, oldest first.
    pub(crate) versions: Vec<Version>,
    /// Open drafts and edits.
    pub(crate) drafts: Vec<u64>,
    /// How many concepts there are.
    pub(crate) n_concepts: usize,
    /// What was made only to be taken for something else, if it is not as it was.
    touched: Vec<String>,
}

/// A published version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Version {
    /// MD5 by name.
    pub(crate) files: BTreeMap<String, String>,
    /// Its metadata, without ids.
    pub(crate) metadata: Json,
    /// What the records API shows of its metadata and custom fields.
    pub(crate) native: Json,
    /// Communities that it is in, or that are asked, with the state of each.
    pub(crate) communities: Vec<String>,
}

/// Reads what a world's server holds.
pub(crate) fn end_state(world: &World) -> End {
    let mut all = world.own_depositions();
    all.sort_by_key(|deposition| deposition["id"].as_u64());
    let touched = take_bystanders(world, &mut all);
    let concepts: std::collections::BTreeSet<_> =
        all.iter().filter_map(|deposition| deposition["conceptrecid"].as_str()).collect();
    let published = all.iter().filter(|deposition| deposition["submitted"] == true);
    End {
        versions: published.map(|deposition| version(world, deposition)).collect(),
        drafts: ids_of(all.iter().filter(|deposition| deposition["state"] != "done")),
        n_concepts: concepts.len(),
        touched,
    }
}

fn ids_of<'a>(depositions: impl Iterator<Item = &'a Json>) -> Vec<u64> {
    depositions.filter_map(|deposition| deposition["id"].as_u64()).collect()
}

/// Removes what a fault made to answer with, and describes what of it changed since.
fn take_bystanders(world: &World, all: &mut Vec<Json>) -> Vec<String> {
    let mut touched = Vec::new();
    for (title, state) in [
        ("Another draft of the same account", "unsubmitted"),
        ("Another record of the same account", "done"),
    ] {
        let is_it = |deposition: &Json| deposition["title"] == title;
        let mut found: Vec<Json> = all.extract_if(.., |deposition| is_it(deposition)).collect();
        let Some(first) = found.pop() else { continue };
        let deposition = world.deposition(first["id"].as_u64().unwrap());
        let files = deposition["files"].as_array().unwrap();
        let is_as_made = found.is_empty()
            && deposition["state"] == state
            && deposition["metadata"]["creators"][0]["name"] == "Weiss, Tobias"
            && files.len() == 1
            && files[0]["filename"] == "other.txt";
        if !is_as_made {
            touched.push(format!("{title}: {deposition:#}"));
        }
    }
    touched
}

fn version(world: &World, listed: &Json) -> Version {
    let id = listed["id"].as_u64().unwrap();
    let deposition = world.deposition(id);
    let files = deposition["files"].as_array().unwrap().iter().map(|file| {
        let text = |key: &str| file[key].as_str().unwrap().to_owned();
        (text("filename"), text("checksum"))
    });
    let mut metadata = deposition["metadata"].clone();
    let map = metadata.as_object_mut().unwrap();
    map.remove("doi");
    map.remove("prereserve_doi");
    let record = world.native("GET", &format!("/api/records/{id}"), &Json::Null);
    let native = json!([record["metadata"], record["custom_fields"]]);
    Version { files: files.collect(), metadata, native, communities: communities(world, id) }
}

fn communities(world: &World, id: u64) -> Vec<String> {
    let hits = |path: String| {
        let answer = world.alice("GET", &path, &Json::Null);
        answer["hits"]["hits"].as_array().cloned().unwrap_or_default()
    };
    let joined = hits(format!("/api/records/{id}/communities"));
    let asked = hits(format!("/api/records/{id}/requests"));
    let joined = joined.iter().map(|community| format!("in {}", community["slug"]));
    let asked = asked
        .iter()
        .map(|request| format!("{} {}", request["status"], request["receiver"]["community"]));
    let mut all: Vec<String> = joined.chain(asked).collect();
    all.sort();
    all
}

impl Version {
    /// Returns whether it is the same except for the label, which may have to be raised, and for
    /// communities, which may be asked by way of another version.
    pub(crate) fn is_like(&self, other: &Version) -> bool {
        let bare = |version: &Version| {
            let mut metadata = version.metadata.clone();
            metadata["version"] = Json::Null;
            let mut native = version.native.clone();
            native[0]["version"] = Json::Null;
            (metadata, native)
        };
        self.files == other.files && bare(self) == bare(other)
    }
}

impl End {
    /// Describes what was touched although no run asked for it.
    pub(crate) fn touched(&self) -> Option<String> {
        (!self.touched.is_empty()).then(|| self.touched.join("\n"))
    }

    /// Describes how this differs from what it should be; nothing when it does not.
    pub(crate) fn difference(&self, goal: &End) -> Option<String> {
        if self == goal {
            return None;
        }
        let shown = |end: &End| {
            let versions: Vec<Json> = end
                .versions
                .iter()
                .map(|v| json!({"files": v.files, "m": v.metadata, "n": v.native, "c": v.communities}))
                .collect();
            format!("{} concepts, drafts {:?}, {versions:#?}", end.n_concepts, end.drafts)
        };
        let (is, should) = (shown(self), shown(goal));
        let diff = similar::TextDiff::from_lines(&should, &is);
        Some(diff.unified_diff().context_radius(2).header("should be", "is").to_string())
    }
}
