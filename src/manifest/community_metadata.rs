//! `[communities.metadata]`: what communities ask for, merged into `[metadata]` before that is read.
//!
//! A value keeps its place in the community's entry, so that a fault in it is reported there, once.
//! Values are compared as the reader reads them: another spelling of a licence is the same licence.
//! Deliberately absent: what a community's profile asks for, which needs the whole record.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::model::{Community, Field, FieldKind, Finding, MetadataOrigins, Severity, Span, Value};

use super::codes;
use super::metadata::{Context, read_field};
use super::reader::{Entry, MOST_ENTRIES, make_span};
use super::types::{ManifestMetadata, TextSource};
use super::vocab_checks::shorten_and_escape;

/// What belongs to one record, and is asked for by no community.
pub(super) const OF_THE_RECORD: &[Field] =
    &[Field::Title, Field::Doi, Field::Version, Field::PublicationDate, Field::Creators];

/// Puts what communities ask for into `[metadata]`, and returns which community contributed to which
/// field. A manifest without `[metadata]` stays as it is.
pub(super) fn merge_community_metadata(
    document: &mut DeTable<'_>,
    today: Date,
    found: &mut Vec<Finding>,
) -> MetadataOrigins {
    // No community asks for a DOI, the only field that needs the servers.
    let context = Context { today, own_prefixes: Vec::new() };
    let communities = document.get("communities").map(|entry| entry.get_ref().clone());
    let Some(DeValue::Array(communities)) = communities else { return MetadataOrigins::new() };
    let metadata = document.get_mut("metadata").map(Spanned::get_mut);
    let Some(DeValue::Table(metadata)) = metadata else { return MetadataOrigins::new() };
    let mut merge =
        Merge { metadata, context, known: BTreeMap::new(), origins: BTreeMap::new(), found };
    let mut seen = BTreeSet::new();
    for (at, community) in communities.iter().enumerate() {
        let Some(table) = community.get_ref().as_table() else { continue };
        let id = table.get("id").and_then(|id| id.get_ref().as_str()).unwrap_or_default().trim();
        // A community that is named twice counts once, as it was named first.
        if !id.is_empty() && !seen.insert(id.to_owned()) {
            continue;
        }
        let asked = table.get("metadata").and_then(|asked| asked.get_ref().as_table());
        let community = Asking { id: Community(id.to_owned()), at };
        for (key, value) in asked.into_iter().flatten() {
            merge.take(&community, key, value);
        }
    }
    merge.origins
}

/// Finds that a community asks for what belongs to the record.
pub(super) fn find_fault_of_key(key: &str, value: &DeValue<'_>, span: Span) -> Option<Finding> {
    let field = Field::from_name(key)?;
    let is_file = value.as_table().is_some_and(|table| table.contains_key("file"));
    let what = if OF_THE_RECORD.contains(&field) {
        format!("`{field}`")
    } else if is_file && field.kind() == FieldKind::Html {
        format!("`{field}` from a file")
    } else {
        return None;
    };
    let summary = format!("{what} belongs to the record, and no community gives it");
    Some(
        Finding::error(codes::COMMUNITY_METADATA, summary)
            .at(span, "of one record")
            .hint("move it into `[metadata]`"),
    )
}

/// A community that asks for metadata.
struct Asking {
    id: Community,
    /// Which entry it is.
    at: usize,
}

/// A field that is in `[metadata]`, as it is read.
enum Known {
    /// The entries of a list.
    Entries(HashSet<String>),
    /// One value; none when it is faulty, which is reported when the metadata are read.
    One(Option<ManifestMetadata>),
}

struct Merge<'a, 't> {
    metadata: &'a mut DeTable<'t>,
    context: Context,
    /// Each field is read once, however many communities ask for it.
    known: BTreeMap<Field, Known>,
    origins: MetadataOrigins,
    found: &'a mut Vec<Finding>,
}

impl<'t> Merge<'_, 't> {
    fn take(
        &mut self,
        community: &Asking,
        key: &Spanned<toml::de::DeString<'t>>,
        value: &Spanned<DeValue<'t>>,
    ) {
        let name = key.get_ref().as_ref();
        if let Some(fault) = find_fault_of_key(name, value.get_ref(), make_span(&value.span())) {
            self.found.push(fault);
            return;
        }
        let field = Field::from_name(name);
        if !self.metadata.contains_key(name) {
            self.metadata.insert(key.clone(), value.clone());
            if let Some(field) = field {
                self.origins.insert(field, vec![community.id.clone()]);
            }
            return;
        }
        // A key that is no field is reported where it is in `[metadata]`.
        let Some(field) = field else { return };
        match value.get_ref().as_array().filter(|asked| self.can_unite(field, asked.len())) {
            Some(asked) => self.unite(community, field, asked),
            None => self.compare(community, field, value),
        }
    }

    /// Returns whether a field is a list in `[metadata]`, and both lists are short enough.
    fn can_unite(&self, field: Field, n_asked: usize) -> bool {
        let list = self.metadata.get(field.name()).and_then(|value| value.get_ref().as_array());
        !matches!(field.kind(), FieldKind::Text | FieldKind::Html)
            && list.is_some_and(|list| list.len().max(n_asked) <= MOST_ENTRIES)
    }

    /// Appends the entries that the list of a field does not have.
    fn unite(&mut self, community: &Asking, field: Field, asked: &DeArray<'t>) {
        let Some(DeValue::Array(list)) = self.metadata.get_mut(field.name()).map(Spanned::get_mut)
        else {
            return;
        };
        let context = &self.context;
        let known = self.known.entry(field).or_insert_with(|| {
            Known::Entries(list.iter().filter_map(|item| identify(field, item, context)).collect())
        });
        let Known::Entries(known) = known else { return };
        let before = list.len();
        for item in asked {
            // A faulty entry is like no other, and is reported when the list is read.
            if identify(field, item, context).is_none_or(|entry| known.insert(entry)) {
                list.push(item.clone());
            }
        }
        if list.len() > before {
            self.origins.entry(field).or_default().push(community.id.clone());
        }
    }

    /// Compares two values of which the record can have only one.
    fn compare(&mut self, community: &Asking, field: Field, asked: &Spanned<DeValue<'t>>) {
        let path = format!("communities[{}].metadata.{field}", community.at);
        let span = make_span(&asked.span());
        let (asked, faults) = read_alone(field, (path, asked.get_ref(), span), &self.context);
        // It is not merged, so nothing else reports its faults.
        if faults.iter().any(is_error) {
            self.found.extend(faults);
            return;
        }
        let Some(own) = self.metadata.get(field.name()) else { return };
        let known = self.known.entry(field).or_insert_with(|| {
            let path = format!("metadata.{field}");
            let place = (path, own.get_ref(), make_span(&own.span()));
            let (own, faults) = read_alone(field, place, &self.context);
            Known::One(Some(own).filter(|_| !faults.iter().any(is_error)))
        });
        let Known::One(Some(own)) = known else { return };
        if show_value(own, field) == show_value(&asked, field) {
            return;
        }
        let shown = |value| shorten_and_escape(&show_value(value, field));
        let giver = match self.origins.get(&field).and_then(|givers| givers.first()) {
            Some(first) => format!("community `{first}` for"),
            None => "`[metadata]` has".to_owned(),
        };
        let summary = format!(
            "community `{}` asks for `{field}` `{}`, and {giver} `{}`",
            community.id,
            shown(&asked),
            shown(own)
        );
        self.found.push(
            Finding::error(codes::COMMUNITY_METADATA, summary)
                .at(span, "another value")
                .because(format!("a record has one `{field}`"))
                .hint("make the two equal, or remove one of them"),
        );
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// Returns a text that entries of a list share only when the reader reads them alike; none for a
/// faulty entry.
fn identify(field: Field, item: &Spanned<DeValue<'_>>, context: &Context) -> Option<String> {
    let mut list = DeArray::new();
    list.push(item.clone());
    let list = DeValue::Array(list);
    let (read, _) = read_alone(field, (String::new(), &list, make_span(&item.span())), context);
    read.values.get(field).map(|value| format!("{value:?}"))
}

/// Reads the value of one field, and what is wrong with it.
fn read_alone(
    field: Field,
    (path, value, span): (String, &DeValue<'_>, Span),
    context: &Context,
) -> (ManifestMetadata, Vec<Finding>) {
    let mut read = ManifestMetadata::default();
    let mut found = Vec::new();
    let entry = Entry { path, key_span: span, value, span };
    read_field(field, &entry, context, &mut read, &mut found);
    (read, found)
}

/// Returns the value of a field as a text.
fn show_value(metadata: &ManifestMetadata, field: Field) -> String {
    match metadata.texts.get(&field.into()).map(|text| &text.value) {
        Some(TextSource::Inline(text)) => text.clone(),
        Some(TextSource::File(path)) => format!("{{ file = \"{}\" }}", path.value),
        None => metadata.values.get(field).map(Value::items).unwrap_or_default().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::{Manifest, Parsed, Root, parse, parse_member};
    use crate::model::{Field, Value};

    const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 23);

    fn write(metadata: &str, communities: &str) -> String {
        format!(
            "[metadata]\ntitle = \"A title\"\nupload_type = \"dataset\"\n\
             description = \"<p>Notes.</p>\"\ncreators = [{{ name = \"Weiss, Tobias\" }}]\n\
             {metadata}\n[[files]]\npath = \"a.csv\"\n{communities}"
        )
    }

    fn read(metadata: &str, communities: &str) -> Manifest {
        let parsed = parse(&write(metadata, communities), TODAY);
        parsed.manifest.unwrap_or_else(|| panic!("{:#?}", parsed.findings))
    }

    fn list(manifest: &Manifest, field: Field) -> Vec<String> {
        manifest.metadata.values.get(field).map(Value::items).unwrap_or_default()
    }

    fn show_origins(manifest: &Manifest) -> Vec<(&'static str, Vec<&str>)> {
        let mut shown = Vec::new();
        for (field, communities) in &manifest.metadata.origins {
            shown.push((field.name(), communities.iter().map(|one| one.0.as_str()).collect()));
        }
        shown
    }

    #[test]
    fn lists_are_united_and_what_is_there_already_has_no_origin() {
        let manifest = read(
            "license = \"cc-by-4.0\"\nkeywords = [\"tea\"]\ngrants = [{ id = \"10.13039/1::2\" }]",
            "[[communities]]\nid = \"polar\"\n[communities.metadata]\nlicense = \"CC-BY-4.0\"\n\
             keywords = [\"ice\", \"tea\", \"ice\"]\ngrants = [\"10.13039/1::2\"]\nlanguage = \"en\"\n\
             [[communities]]\nid = \"arctic\"\n[communities.metadata]\nlanguage = \"eng\"\n\
             keywords = [\"snow\", \"ice\"]\ncontributors = [{ name = \"A, B\", type = \"Editor\" }]\n",
        );
        assert_eq!(list(&manifest, Field::Keywords), ["tea", "ice", "snow"]);
        assert_eq!(list(&manifest, Field::Grants), ["10.13039/1::2"]);
        let expected = [
            ("contributors", vec!["arctic"]),
            ("keywords", vec!["polar", "arctic"]),
            ("language", vec!["polar"]),
        ];
        assert_eq!(show_origins(&manifest), expected);
    }

    #[test]
    fn a_community_that_is_named_twice_counts_once() {
        let entry = |word: &str| {
            format!(
                "[[communities]]\nid = \"a\"\n[communities.metadata]\nkeywords = [\"{word}\"]\n"
            )
        };
        let manifest = read("license = \"MIT\"", &(entry("first") + &entry("second")));
        assert_eq!(list(&manifest, Field::Keywords), ["first"]);
    }

    #[test]
    fn missing_metadata_stay_the_only_fault() {
        let text = "[[files]]\npath = \"a.csv\"\n[[communities]]\nid = \"a\"\n\
                    [communities.metadata]\ntitle = \"A title\"\nkeywords = \"a\"\n";
        let codes = |parsed: &Parsed| -> Vec<&str> {
            parsed.findings.iter().map(|finding| finding.code).collect()
        };
        assert_eq!(codes(&parse(text, TODAY)), ["ZR0104"]);
    }

    #[test]
    fn many_communities_read_a_long_list_once() {
        let keywords: String =
            (0..5_000).map(|n| format!("\"k{n}\",")).collect::<Vec<_>>().concat();
        let communities: String = (0..2_000)
            .map(|n| format!("[[communities]]\nid = \"c{n}\"\nmetadata.keywords = [\"k{n}\"]\n"))
            .collect::<Vec<_>>()
            .concat();
        let manifest = read(&format!("license = \"MIT\"\nkeywords = [{keywords}]"), &communities);
        assert_eq!(list(&manifest, Field::Keywords).len(), 5_000);
        assert_eq!(show_origins(&manifest), []);
    }

    #[test]
    fn what_inherited_communities_ask_for_is_at_the_header_of_the_metadata() {
        let root = |metadata: &str| {
            format!(
                "[workspace]\nmembers = [\"a\"]\n[[workspace.communities]]\nid = \"polar\"\n\
                 profile = \"polar.json\"\n[workspace.communities.metadata]\n{metadata}\n"
            )
        };
        let member = write("license = \"cc-by-4.0\"", "");
        let parse_with = |metadata: &str| {
            let text = root(metadata);
            parse_member(&member, Some(Root { text: &text, shown: "zenodo.toml" }), TODAY)
        };
        let manifest = parse_with("keywords = [\"ice\"]").manifest.unwrap();
        assert_eq!(list(&manifest, Field::Keywords), ["ice"]);
        assert_eq!(show_origins(&manifest), [("keywords", vec!["polar"])]);
        let profile = manifest.communities[0].profile.clone().unwrap();
        assert!(profile.in_root && profile.file.value == "polar.json");
        let parsed = parse_with("license = \"CC0-1.0\"");
        let finding = parsed.findings.iter().find(|one| one.code == "ZR0170").unwrap();
        let span = finding.label.as_ref().unwrap().span;
        assert_eq!(&member[span.start..span.end], "[metadata]");
        let faults = |metadata: &str| {
            let found = crate::manifest::parse_root(&root(metadata), TODAY).findings;
            found.into_iter().map(|finding| finding.code).collect::<Vec<_>>()
        };
        assert_eq!(faults("keywords = [\"ice\"]"), [""; 0]);
        assert_eq!(faults("title = \"A title\""), ["ZR0170"]);
        assert_eq!(faults("licens = \"MIT\"\nkeywords = \"ice\""), ["ZR0102", "ZR0122"]);
    }
}
