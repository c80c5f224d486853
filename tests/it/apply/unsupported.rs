//! What the deposit API can't express of a record that was made elsewhere. Where the manifest asks
//! for that API alone, its PUT loses it: every format of a plan lists each before anything is sent,
//! and each is gone afterwards. Otherwise a manifest that `zrel import` writes says it, the records
//! API writes it, and it stays.

use serde_json::{Value as Json, json};
use zrel::local::{Fault, FaultKind, Matches};

use crate::support::world::{FILES, World, manifest};

/// One thing that only the records API has: how to put it into a record, where and as what the
/// plan names it, and where the record has it.
struct Kind {
    name: &'static str,
    put: fn(&mut Json),
    place: &'static str,
    shown: &'static str,
    pointer: &'static str,
}

/// Makes kinds in the order name, place, text, pointer, change.
macro_rules! kinds {
    ($($name:literal $place:literal $shown:literal $pointer:literal $put:expr;)*) => {
        [$(Kind { name: $name, put: $put, place: $place, shown: $shown, pointer: $pointer },)*]
    };
}

fn creator(record: &mut Json) -> &mut Json {
    &mut record["metadata"]["creators"][0]
}

/// Publishes a change that a user makes to the record on its page.
fn change_by_hand(world: &World, id: u64, put: fn(&mut Json)) {
    let path = format!("/api/records/{id}/draft");
    let mut draft = world.native("POST", &path, &json!({}));
    put(&mut draft);
    world.native("PUT", &path, &draft);
    world.native("POST", &format!("{path}/actions/publish"), &json!({}));
}

/// Returns a manifest that asks for the deposit API.
fn by_deposit(label: &str, more: &str) -> String {
    manifest(label, &format!("{more}[api]\ntest = \"deposit\"\n"))
}

/// Removes what each format writes to show backticks and marks literally.
fn unescaped(plan: &str) -> String {
    let bare = plan.replace(['\\', '`'], "").replace("&lt;", "<").replace("&gt;", ">");
    bare.replace("&#96;", "").replace("&amp;", "&")
}

/// Expects each kind to be lost by one API, and to be kept by the other.
fn tell(kinds: &[Kind]) {
    lose(kinds);
    keep(kinds);
}

/// Changes a record by each kind, imports it, changes the manifest, and applies.
fn keep(kinds: &[Kind]) {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.apply_then_expect_no_changes(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap();
    let path = format!("/api/records/{id}");
    let host = format!("127.0.0.1:{}", world.port());
    for (number, Kind { name, put, pointer, .. }) in kinds.iter().enumerate() {
        change_by_hand(&world, id, *put);
        let before = world.native("GET", &path, &Json::Null);
        let address = format!("http://{host}/records/{id}");
        world.expect(0, &["import", &address, "--server", "test", "--force"]);
        world.expect_no_changes();
        let keywords = format!("keywords = [\"change {number}\"]\n");
        let taken = world.read("zenodo.toml");
        let lines = taken.lines().filter(|line| !line.starts_with("keywords"));
        let taken = lines.collect::<Vec<_>>().join("\n");
        world.write(
            "zenodo.toml",
            &taken.replacen("upload_type", &format!("{keywords}upload_type"), 1),
        );
        let plan = world.expect(0, &["plan"]);
        assert!(
            plan.stdout.contains("ZR0417") && !plan.stdout.contains("ZR0401"),
            "{name}: {plan}"
        );
        world.apply_then_expect_no_changes(&[]);
        let after = world.native("GET", &path, &Json::Null);
        assert_eq!(after.pointer(pointer), before.pointer(pointer), "{name}: {after:#}");
    }
}

/// Changes a record by each kind, plans in every format, and applies by the deposit API.
fn lose(kinds: &[Kind]) {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.apply_then_expect_no_changes(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap();
    let host = format!("127.0.0.1:{}", world.port());
    for (number, kind) in kinds.iter().enumerate() {
        let Kind { name, put, place, shown, pointer } = kind;
        change_by_hand(&world, id, *put);
        let path = format!("/api/records/{id}");
        let before = world.native("GET", &path, &Json::Null);
        assert!(before.pointer(pointer).is_some(), "{name}: the server dropped it: {before:#}");
        let keywords = format!("keywords = [\"change {number}\"]\n");
        world.manifest(&by_deposit("1.0", &format!("{keywords}{FILES}")));
        for format in ["text", "markdown", "json", "html"] {
            for public in [&[][..], &["--public", "--allow-server", &host]] {
                let args = [&["plan", "--format", format][..], public].concat();
                let plan = world.expect(0, &args).stdout;
                let bare = unescaped(&plan);
                let words = shown.replace('`', "");
                for wanted in ["ZR0401", place, words.as_str()] {
                    assert!(bare.contains(wanted), "{name}: {args:?} lacks «{wanted}»\n{plan}");
                }
            }
        }
        let told = world.apply_then_expect_no_changes(&[]);
        assert!(told.stdout.contains("ZR0401"), "{name}: {told}");
        let after = world.native("GET", &path, &Json::Null);
        assert_ne!(after.pointer(pointer), before.pointer(pointer), "{name} stays: {after:#}");
        let keywords = format!("keywords = [\"no change {number}\"]\n");
        world.manifest(&by_deposit("1.0", &format!("{keywords}{FILES}")));
        let plan = world.expect(0, &["plan"]);
        assert!(!plan.stdout.contains("ZR0401"), "{name}: {plan}");
    }
}

#[test]
fn a_plan_lists_what_people_lose() {
    tell(&kinds! {
        "the first affiliation's ROR id" "creators[0].affiliations[0].id" "01ggx4157"
            "/metadata/creators/0/affiliations/0/id"
            |it| creator(it)["affiliations"] = json!([{"id": "01ggx4157", "name": "CERN"}]);
        "a second affiliation" "creators[0].affiliations[1]" "`Two`"
            "/metadata/creators/0/affiliations/1"
            |it| creator(it)["affiliations"] = json!([{"name": "One"}, {"name": "Two"}]);
        "an organisation" "creators[0]" "that `Weiss & Co` is an organisation"
            "/metadata/creators/0/person_or_org/type"
            |it| creator(it)["person_or_org"] =
                json!({"type": "organizational", "name": "Weiss & Co"});
        "an organisation's ROR id" "creators[0].identifiers" "ror `01ggx4157`"
            "/metadata/creators/0/person_or_org/identifiers"
            |it| creator(it)["person_or_org"] = json!({"type": "organizational", "name": "CERN",
                "identifiers": [{"scheme": "ror", "identifier": "01ggx4157"}]});
        "a person's ISNI" "creators[0].identifiers" "isni `0000000121032683`"
            "/metadata/creators/0/person_or_org/identifiers"
            |it| creator(it)["person_or_org"]["identifiers"] =
                json!([{"scheme": "isni", "identifier": "0000000121032683"}]);
        "a creator's role" "creators[0].role" "the role `researcher`" "/metadata/creators/0/role"
            |it| creator(it)["role"] = json!({"id": "researcher"});
        "a translator" "contributors[0].role" "the role `translator`" "/metadata/contributors"
            |it| it["metadata"]["contributors"] = json!([{"role": {"id": "translator"},
                "person_or_org": {"type": "personal", "family_name": "Doe"}}]);
    });
}

#[test]
fn a_plan_lists_lost_texts_and_lists() {
    tell(&kinds! {
        "another title" "additional_titles[0]" "subtitle `Of forms`" "/metadata/additional_titles"
            |it| it["metadata"]["additional_titles"] =
                json!([{"title": "Of forms", "type": {"id": "subtitle"}}]);
        "another description" "additional_descriptions[0]" "series-information `<p>Series</p>`"
            "/metadata/additional_descriptions"
            |it| it["metadata"]["additional_descriptions"] =
                json!([{"description": "<p>Series</p>", "type": {"id": "series-information"}}]);
        "the language of notes" "additional_descriptions[0].lang" "`deu`"
            "/metadata/additional_descriptions/0/lang"
            |it| it["metadata"]["additional_descriptions"] = json!([
                {"description": "<p>Notiz</p>", "type": {"id": "other"}, "lang": {"id": "deu"}}]);
        "the copyright" "copyright" "`(c) 2026 Weiss`" "/metadata/copyright"
            |it| it["metadata"]["copyright"] = json!("(c) 2026 Weiss");
        "a second language" "languages[1]" "`deu`" "/metadata/languages/1"
            |it| it["metadata"]["languages"] = json!([{"id": "eng"}, {"id": "deu"}]);
        "a second licence" "rights[1]" "the licence `mit`" "/metadata/rights/1"
            |it| it["metadata"]["rights"] = json!([{"id": "cc-by-4.0"}, {"id": "mit"}]);
        "a custom licence" "rights[0]" "the licence `Own terms`" "/metadata/rights/0/title/en"
            |it| it["metadata"]["rights"] = json!([{"title": {"en": "Own terms"}}]);
        "sizes" "sizes" "`11 pages; 3 tables`" "/metadata/sizes"
            |it| it["metadata"]["sizes"] = json!(["11 pages", "3 tables"]);
        "formats" "formats" "`application/pdf`" "/metadata/formats"
            |it| it["metadata"]["formats"] = json!(["application/pdf"]);
        "the kind of software" "resource_type" "that it is a `computationalnotebook`"
            "/metadata/resource_type/id"
            |it| it["metadata"]["resource_type"] = json!({"id": "software-computationalnotebook"});
    });
}

#[test]
fn a_plan_lists_lost_references_places_and_funding() {
    tell(&kinds! {
        "a reference's identifier" "references[0].identifier" "`10.1234/ref`"
            "/metadata/references"
            |it| it["metadata"]["references"] =
                json!([{"reference": "Doe J (2014).", "scheme": "doi", "identifier": "10.1234/ref"}]);
        "a reference's scheme" "references[0].scheme" "`doi`" "/metadata/references"
            |it| it["metadata"]["references"] =
                json!([{"reference": "Doe J (2014).", "scheme": "doi", "identifier": "10.1234/ref"}]);
        "a place's identifiers" "locations[0].identifiers" "`12345`" "/metadata/locations"
            |it| it["metadata"]["locations"] = json!({"features": [{"place": "A place",
                "identifiers": [{"scheme": "geonames", "identifier": "12345"}]}]});
        "an outline" "locations[0].geometry" "the Polygon" "/metadata/locations"
            |it| it["metadata"]["locations"] = json!({"features": [{"place": "A place",
                "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [1, 2], [2, 2], [1, 1]]]}}]});
        "a date with a time" "dates[0].date" "the date `2019-01-01T10:00:00`" "/metadata/dates"
            |it| it["metadata"]["dates"] =
                json!([{"date": "2019-01-01T10:00:00", "type": {"id": "other"}}]);
        "a newer relation" "related_identifiers[0].relation" "the relation `collects`"
            "/metadata/related_identifiers"
            |it| it["metadata"]["related_identifiers"] = json!([{"identifier": "10.1234/foo",
                "scheme": "doi", "relation_type": {"id": "collects"}}]);
        "an award in words" "funding[0]" "funding by `European Commission`, award `Own award`"
            "/metadata/funding"
            |it| it["metadata"]["funding"] = json!([{
                "funder": {"id": "00k4n6c32", "name": "European Commission"},
                "award": {"title": {"en": "Own award"}, "number": "1234"}}]);
        "a funder in words" "funding[0]" "funding by `Free funder`" "/metadata/funding"
            |it| it["metadata"]["funding"] = json!([{"funder": {"name": "Free funder"}}]);
    });
}

#[test]
fn a_plan_lists_lost_custom_fields() {
    tell(&kinds! {
        "the repository" "custom_fields.code:codeRepository" "`https://example.org/x`"
            "/custom_fields/code:codeRepository"
            |it| it["custom_fields"]["code:codeRepository"] = json!("https://example.org/x");
        "the languages of the code" "custom_fields.code:programmingLanguage" "`python; rust`"
            "/custom_fields/code:programmingLanguage"
            |it| it["custom_fields"]["code:programmingLanguage"] =
                json!([{"id": "python"}, {"id": "rust"}]);
        "the state of the code" "custom_fields.code:developmentStatus" "`active`"
            "/custom_fields/code:developmentStatus"
            |it| it["custom_fields"]["code:developmentStatus"] = json!({"id": "active"});
        "the journal's ISSN" "custom_fields.journal:journal.issn" "`0317-8471`"
            "/custom_fields/journal:journal/issn"
            |it| it["custom_fields"]["journal:journal"] = json!({"title": "J", "issn": "0317-8471"});
        "the edition" "custom_fields.imprint:imprint.edition" "`2`"
            "/custom_fields/imprint:imprint/edition"
            |it| it["custom_fields"]["imprint:imprint"] = json!({"title": "B", "edition": "2"});
        "the thesis' department" "custom_fields.thesis:thesis.department" "`D`"
            "/custom_fields/thesis:thesis/department"
            |it| it["custom_fields"]["thesis:thesis"] = json!({"university": "U", "department": "D"});
        "the thesis' type" "custom_fields.thesis:thesis.type" "`PhD`"
            "/custom_fields/thesis:thesis/type"
            |it| it["custom_fields"]["thesis:thesis"] = json!({"university": "U", "type": "PhD"});
        "the thesis' dates" "custom_fields.thesis:thesis.date_defended" "`2026-01-02`"
            "/custom_fields/thesis:thesis/date_defended"
            |it| it["custom_fields"]["thesis:thesis"] = json!({"university": "U",
                "date_submitted": "2026-01-01", "date_defended": "2026-01-02"});
    });
}

#[test]
fn what_no_field_says_stays_as_it_is() {
    keep(&kinds! {
        "an award without a funder" "" "" "/metadata/funding"
            |it| {
                it["metadata"]["copyright"] = json!("(c) 2026 Weiss");
                it["metadata"]["funding"] = json!([{"award": {"id": "00k4n6c32::283595"}}]);
            };
        "a licence in other languages" "" "" "/metadata/rights"
            |it| it["metadata"]["rights"] = json!([{
                "title": {"de": "Unsere Lizenz", "fr": "Notre licence"},
                "description": {"de": "Nur zu Hause"}}]);
        "a licence that is kept as a text beside another" "" "" "/metadata/rights"
            |it| it["metadata"]["rights"] = json!([
                {"title": {"en": "GNU Free Documentation License"}}, {"id": "mit"}]);
        "the order of descriptions" "" "" "/metadata/additional_descriptions"
            |it| it["metadata"]["additional_descriptions"] = json!([
                {"description": "<p>First</p>", "type": {"id": "abstract"}},
                {"description": "<p>Note</p>", "type": {"id": "notes"}},
                {"description": "<p>Method</p>", "type": {"id": "methods"}},
                {"description": "<p>Last</p>", "type": {"id": "technical-info"}}]);
        "words of biodiversity" "" "" "/custom_fields"
            |it| it["custom_fields"] = json!({
                "dwc:genus": ["Bombus"], "dwc:eventDate": ["2026-06-01"],
                "dwc:decimalLatitude": [46.2, 47.0], "gbif:ampliconSize": [250],
                "ac:digitizationDate": ["2026"], "mixs:0000012": ["forest"],
                "obo:RO_0002453": [{"subject": ["Bombus"], "object": ["Nosema"]}]});
        "the ids of a meeting" "" "" "/custom_fields/meeting:meeting"
            |it| it["custom_fields"]["meeting:meeting"] = json!({"title": "M", "identifiers":
                [{"scheme": "doi", "identifier": "10.1234/meeting"}]});
        "the kind of notes" "" "" "/metadata/additional_descriptions"
            |it| it["metadata"]["additional_descriptions"] = json!([
                {"description": "<p>Note</p>", "type": {"id": "notes"}}]);
    });
}

#[test]
fn a_licence_that_is_kept_as_a_text_stands_beside_another() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let text = manifest("1.0", FILES);
    world.manifest(&text.replace("license = \"cc-by-4.0\"", "licenses = [\"gfdl\", \"MIT\"]"));
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn losses_of_an_adopted_draft_are_listed_but_not_publicly() {
    let world = World::served();
    let draft = world.native(
        "POST",
        "/api/records",
        &json!({"metadata": {
        "title": "Tables of small forms", "resource_type": {"id": "dataset"},
        "copyright": "(c) Nobody knows yet", "publication_date": "2026-01-01",
        "creators": [{"person_or_org": {"type": "personal", "family_name": "Weiss"}}]}}),
    );
    let id = draft["id"].as_str().unwrap();
    world.write("a.csv", "one,two\n");
    world.manifest(&by_deposit("1.0", FILES));
    let plan = world.expect(0, &["plan", "--adopt-draft", id]);
    assert!(plan.stdout.contains("copyright: `(c) Nobody knows yet`"), "{plan}");
    let log = world.command(&["plan", "--adopt-draft", id]).env("CI", "true").output().unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    assert!(log.contains("loses copyright") && !log.contains("Nobody knows"), "{log}");
    world.apply_then_expect_no_changes(&["--adopt-draft", id]);
}

#[test]
fn a_draft_that_lost_something_before_still_says_so() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&by_deposit("1.0", FILES));
    world.apply(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap();
    change_by_hand(&world, id, |it| it["metadata"]["copyright"] = json!("(c) 2026 Weiss"));
    world.manifest(&by_deposit("2.0", FILES));
    world.apply(&["--no-publish"]);
    let plan = world.expect(0, &["plan"]);
    assert!(!plan.stdout.contains("replace the metadata"), "{plan}");
    assert!(plan.stdout.contains("loses copyright: `(c) 2026 Weiss`"), "{plan}");
    world.apply_then_expect_no_changes(&[]);
}

/// What only the records API says, and a draft that it wrote holds.
const NATIVE: &str = "copyright = \"(c) 2026 The authors\"\n\
    titles = [{ title = \"In a glass\", kind = \"subtitle\" }]\n\
    [metadata.custom]\n\"code:developmentStatus\" = \"active\"\n";

/// Writes a draft by the records API, from a manifest that says more than the deposit API takes.
fn leave_draft(world: &World, label: &str) {
    world.manifest(&manifest(label, &format!("{NATIVE}{FILES}")));
    let written = world.expect(0, &["apply", "--initial", "--auto-approve", "--no-publish"]);
    assert!(written.stdout.contains("ZR0417"), "{written}");
}

#[test]
fn what_a_draft_holds_and_the_manifest_does_not_say_is_not_published() {
    for (name, text) in [("deposit", by_deposit("1.0", FILES)), ("auto", manifest("1.0", FILES))] {
        let world = World::served();
        world.write("a.csv", "one,two\n");
        leave_draft(&world, "1.0");
        world.manifest(&text);
        let plan = world.expect(0, &["plan", "--initial"]);
        assert!(plan.stdout.contains("~ replace the metadata"), "{name}: {plan}");
        assert_eq!(plan.stdout.contains("ZR0401"), name == "deposit", "{plan}");
        // As a reviewed plan too.
        world.expect(0, &["plan", "--initial", "--out", "release.plan"]);
        world.expect(0, &["apply", "release.plan"]);
        world.remove("release.plan");
        world.expect_no_changes();
        let id = world.status()["latest"].as_u64().unwrap();
        let record = world.native("GET", &format!("/api/records/{id}"), &Json::Null);
        assert!(record["metadata"]["copyright"].is_null(), "{name}: {record:#}");
        assert!(record["metadata"]["additional_titles"].is_null(), "{name}: {record:#}");
        assert!(record["custom_fields"]["code:developmentStatus"].is_null(), "{name}: {record:#}");
        world.expect(0, &["verify"]);
        // A record that has all of it: the next version has it only if the manifest says it.
        leave_draft(&world, "2.0");
        world.apply_then_expect_no_changes(&[]);
        world.manifest(&text.replace("1.0", "3.0"));
        world.apply_then_expect_no_changes(&[]);
    }
}

/// A manifest with one reference and one award that can change.
fn with_entries(label: &str, reference: &str, award: &str) -> String {
    let funding =
        format!("{{ funder = \"A Fund\", award = {{ number = \"7\", title = \"{award}\" }} }}");
    let more = format!(
        "references = [\"Doe J (2014).\", \"{reference}\"]\nfunding = [{funding}]\n\
         licenses = [{{ title = \"Ours\" }}]\n{FILES}"
    );
    manifest(label, &more).replace("license = \"cc-by-4.0\"\n", "")
}

/// Adds what no field of a manifest says to each of those entries.
fn add_parts(it: &mut Json) {
    for at in 0..2 {
        it["metadata"]["references"][at]["scheme"] = json!("doi");
        it["metadata"]["references"][at]["identifier"] = json!(format!("10.1234/{at}"));
    }
    it["metadata"]["funding"][0]["award"]["identifiers"] =
        json!([{"scheme": "doi", "identifier": "10.1234/award"}]);
    it["metadata"]["rights"][0]["title"]["de"] = json!("Unsere");
}

/// A part that no manifest can say stays with its entry, and is named where that becomes another one.
#[test]
fn what_only_the_server_says_of_an_entry_that_changes_is_named() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&with_entries("1.0", "Roe K (2015).", "Ice"));
    world.apply_then_expect_no_changes(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap();
    change_by_hand(&world, id, add_parts);
    world.expect_no_changes();
    let identifiers = |metadata: &Json| {
        let of = |at: usize| metadata["references"][at]["identifier"].clone();
        let award = metadata["funding"][0]["award"]["identifiers"][0]["identifier"].clone();
        json!([of(0), of(1), award, metadata["rights"][0]["title"]["de"]])
    };
    // An edit, as a reviewed plan.
    world.manifest(&with_entries("1.0", "Roe K (2016).", "Ice"));
    let plan = world.expect(0, &["plan", "--out", "edit.plan"]);
    for part in ["loses references[1].identifier: `10.1234/1`", "loses references[1].scheme"] {
        assert!(plan.stdout.contains(part), "{part}: {plan}");
    }
    assert_eq!(plan.stdout.matches("ZR0401").count(), 2, "{plan}");
    world.expect(0, &["apply", "edit.plan"]);
    world.remove("edit.plan");
    world.expect_no_changes();
    let record = world.native("GET", &format!("/api/records/{id}"), &Json::Null);
    let kept = json!(["10.1234/0", null, "10.1234/award", "Unsere"]);
    assert_eq!(identifiers(&record["metadata"]), kept, "{record:#}");
    // A version whose draft is left open, and published later: it still says what it lost.
    world.manifest(&with_entries("2.0", "Roe K (2016).", "Ice floes"));
    let lost = "loses funding[0].award.identifiers[0]: `10.1234/award`";
    for arguments in [&["apply", "--no-publish", "--auto-approve"][..], &["plan"]] {
        let plan = world.expect(0, arguments);
        assert!(plan.stdout.contains(lost), "{plan}");
        assert_eq!(plan.stdout.matches("ZR0401").count(), 1, "{plan}");
    }
    world.expect(0, &["plan", "--out", "version.plan"]);
    world.expect(0, &["apply", "version.plan"]);
    world.remove("version.plan");
    world.expect_no_changes();
    let id = world.status()["latest"].as_u64().unwrap();
    let record = world.native("GET", &format!("/api/records/{id}"), &Json::Null);
    let kept = json!(["10.1234/0", null, null, "Unsere"]);
    assert_eq!(identifiers(&record["metadata"]), kept, "{record:#}");
}

/// Another client puts parts that no manifest can say into a draft, and nothing else is different.
#[test]
fn parts_of_a_draft_that_no_manifest_can_say_are_not_published() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&with_entries("1.0", "Roe K (2015).", "Ice"));
    world.expect(0, &["apply", "--initial", "--auto-approve", "--no-publish"]);
    let id = world.status()["draft"].as_u64().unwrap();
    let path = format!("/api/records/{id}/draft");
    let mut draft = world.native("GET", &path, &Json::Null);
    add_parts(&mut draft);
    world.native("PUT", &path, &draft);
    let plan = world.expect(0, &["plan", "--initial", "--out", "first.plan"]);
    assert!(plan.stdout.contains("~ replace the metadata"), "{plan}");
    assert!(plan.stdout.contains("loses references[1].identifier: `10.1234/1`"), "{plan}");
    world.expect(0, &["apply", "first.plan"]);
    world.remove("first.plan");
    world.expect_no_changes();
    let record = world.native("GET", &format!("/api/records/{id}"), &Json::Null);
    let metadata = &record["metadata"];
    assert!(metadata["references"][0]["identifier"].is_null(), "{metadata:#}");
    assert!(metadata["funding"][0]["award"]["identifiers"].is_null(), "{metadata:#}");
    assert_eq!(metadata["rights"][0]["title"], json!({"en": "Ours"}), "{metadata:#}");
}

/// A manifest says an entry once: of a second one that reads the same the parts are named as lost.
#[test]
fn parts_of_an_entry_that_a_manifest_says_once_are_named() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let text = |label: &str, references: &str| {
        manifest(label, &format!("references = [{references}]\n{FILES}"))
    };
    world.manifest(&text("1.0", "\"Doe J\", \"Doe J.\""));
    world.apply_then_expect_no_changes(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap();
    change_by_hand(&world, id, |it| {
        it["metadata"]["references"] = json!([
            {"reference": "Doe J", "scheme": "doi", "identifier": "10.1234/1"},
            {"reference": "Doe J", "scheme": "doi", "identifier": "10.1234/2"},
        ]);
    });
    let host = format!("127.0.0.1:{}", world.port());
    let address = format!("http://{host}/records/{id}");
    world.zrel(&["import", &address, "--server", "test", "--force"]);
    let taken = world.read("zenodo.toml").replace("\"1.0\"", "\"2.0\"");
    world.write("zenodo.toml", &taken);
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("loses references[1].identifier: `10.1234/2`"), "{plan}");
    assert!(!plan.stdout.contains("loses references[0]"), "{plan}");
    world.apply_then_expect_no_changes(&[]);
    let id = world.status()["latest"].as_u64().unwrap();
    let record = world.native("GET", &format!("/api/records/{id}"), &Json::Null);
    let references = &record["metadata"]["references"];
    assert_eq!(
        *references,
        json!([
            {"reference": "Doe J", "scheme": "doi", "identifier": "10.1234/1"}
        ])
    );
}

/// A server that takes the metadata and drops a field of them: the field is named at once, and the
/// draft stays, by each back end.
#[test]
fn a_field_that_the_server_drops_is_named_and_the_draft_stays() {
    let keywords = "keywords = [\"forms\"]\n";
    let native = format!("{keywords}copyright = \"(c) 2026 Weiss\"\n");
    for (name, fields) in [("deposit", keywords), ("both", &native), ("records alone", &native)] {
        let world =
            if name == "records alone" { World::served_by_records() } else { World::served() };
        world.write("a.csv", "one,two\n");
        world.manifest(&manifest("1.0", &format!("publisher = \"Zenodo\"\n{fields}{FILES}")));
        let on = Matches::parse("PUT /api/*").unwrap();
        let kind = FaultKind::KeywordsDropped;
        world.faults().set(vec![Fault { on, nth: 1, times: usize::MAX, kind }]);
        for _ in 0..2 {
            let ran = world.expect(11, &["apply", "--auto-approve", "--initial"]);
            assert!(ran.stderr.contains("keywords: planned `forms`"), "{name}: {ran}");
            assert!(!ran.stderr.contains("another client"), "{name}: {ran}");
        }
        let published = world.requests().into_iter().find(|it| it.path.ends_with("publish"));
        assert!(published.is_none(), "{name}: {published:?}");
        world.faults().heal();
        world.apply_then_expect_no_changes(&["--initial"]);
    }
}
