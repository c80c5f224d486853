//! What communities ask for (`[communities.metadata]`): it becomes the record's, and every face of a
//! plan says for whom.

use serde_json::{Value as Json, json};

use crate::command::plan_schema::faults;
use crate::support::world::{FILES, World, manifest};

use super::workspace::{plan, write_member, write_root};

/// The communities of most tests. `arctic` gives nothing that is not there.
const COMMUNITIES: &str = "\n[[communities]]\nid = \"polar\"\n[communities.metadata]\n\
    keywords = [\"sea ice\", \"tables\"]\nlicense = \"CC-BY-4.0\"\nnotes = \"For the polar data.\"\n\
    [[communities]]\nid = \"arctic\"\nmetadata.keywords = [\"snow\"]\nmetadata.license = \"cc-by-4.0\"\n";

fn start() -> World {
    let world = World::local();
    world.write("a.csv", "one\n");
    write_manifest(&world, "1.0", COMMUNITIES);
    world
}

fn write_manifest(world: &World, label: &str, communities: &str) {
    let more = format!("keywords = [\"tables\"]\n{FILES}{communities}");
    world.manifest(&manifest(label, &more));
}

#[test]
fn what_communities_ask_for_is_published_and_then_stays() {
    let world = start();
    let ran = world.apply(&[]);
    assert!(ran.stdout.contains("(for communities polar and arctic)"), "{ran}");
    let plan = world.plan_json(&[]);
    assert_eq!(plan["target"]["metadata"]["keywords"], json!(["tables", "sea ice", "snow"]));
    world.expect_no_changes();
}

#[test]
fn the_text_of_a_plan_says_for_which_community_a_field_is() {
    let world = start();
    let shown = world.expect(0, &["plan"]).stdout;
    for words in [
        "+ keywords  (for communities polar and arctic)\n      + tables\n",
        "+ notes                 For the polar data.  (for community polar)\n",
        "+ license               cc-by-4.0\n",
    ] {
        assert!(shown.contains(words), "«{words}» in {shown}");
    }
    world.apply(&[]);
    let more = COMMUNITIES.replace("the polar data", "the data of the pole");
    write_manifest(&world, "1.0", &more);
    let shown = world.expect(0, &["plan"]).stdout;
    assert!(shown.contains("~ notes  (for community polar)\n"), "{shown}");
    assert!(!shown.contains("keywords"), "{shown}");
}

#[test]
fn a_comment_says_for_which_community_a_field_is() {
    let world = start();
    world.expect(0, &["plan", "--out", "saved.plan"]);
    let shown = world.expect(0, &["show", "saved.plan", "--format", "markdown"]).stdout;
    for words in [
        "| set | `keywords` | `tables` and 2 more, for communities `polar` and `arctic` |\n",
        "| set | `license` | `cc-by-4.0` |\n",
        "(for community polar)",
    ] {
        assert!(shown.contains(words), "«{words}» in {shown}");
    }
}

#[test]
fn the_page_of_a_plan_says_for_which_community_a_field_is() {
    let world = start();
    let show = || {
        world.expect(0, &["plan", "--out", "saved.plan"]);
        world.expect(0, &["show", "saved.plan", "--format", "html"]).stdout
    };
    let (changed, unchanged) = ("<small>for communities polar and arctic</small>", "unchanged");
    assert!(show().contains(&format!("<th>keywords<br>{changed}</th>")), "{}", show());
    world.apply(&[]);
    // A field that stays has its origin too.
    write_manifest(&world, "1.1", COMMUNITIES);
    let page = show();
    let (_, folded) = page.split_once(unchanged).unwrap();
    assert!(folded.contains(changed), "{page}");
}

#[test]
fn the_document_of_a_plan_has_the_origins_and_its_digest_covers_them() {
    let world = start();
    let document = world.plan_json(&["--out", "saved.plan"]);
    assert_eq!(faults(&document), Vec::<String>::new());
    let origins = json!({"keywords": ["polar", "arctic"], "notes": ["polar"]});
    assert_eq!(document["metadata_origins"], origins);
    for change in [json!({"keywords": ["polar"], "notes": ["polar"]}), Json::Null] {
        let mut changed = document.clone();
        changed["metadata_origins"] = change;
        world.write("changed.plan", &changed.to_string());
        let ran = world.expect(65, &["show", "changed.plan"]);
        assert!(ran.stderr.contains("digest does not match"), "{ran}");
    }
    world.expect(0, &["apply", "saved.plan"]);
    world.expect_no_changes();
}

#[test]
fn a_plan_without_origins_is_as_it_was() {
    let world = start();
    write_manifest(&world, "1.0", "\n[[communities]]\nid = \"polar\"\n");
    let plain = world.plan_json(&["--out", "saved.plan"]);
    assert_eq!(plain.get("metadata_origins"), None);
    // What is there already has no origin, and so changes no digest.
    write_manifest(
        &world,
        "1.0",
        "\n[[communities]]\nid = \"polar\"\nmetadata.keywords = [\"tables\"]\n",
    );
    assert_eq!(world.plan_json(&[])["digest"], plain["digest"]);
    world.expect(0, &["show", "saved.plan"]);
}

#[test]
fn members_of_a_workspace_inherit_what_communities_ask_for() {
    let world = World::served();
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    write_root(
        &world,
        "[workspace]\nmembers = [\"deposits/*\"]\nserver = \"test\"\n[workspace.metadata]\n\
         upload_type = \"dataset\"\nlicense = \"CC-BY-4.0\"\ncreators = [{ name = \"Weiss, Tobias\" }]\n\
         [[workspace.communities]]\nid = \"user2-community\"\nmetadata.keywords = [\"sea ice\"]\n",
    );
    write_member(&world, "a", "1.0", "keywords = [\"tables\"]");
    let planned = plan(&world, &["--initial"]);
    let member = &planned["members"][0]["plan"];
    assert_eq!(member["target"]["metadata"]["keywords"], json!(["tables", "sea ice"]));
    assert_eq!(member["metadata_origins"], json!({"keywords": ["user2-community"]}));
}
