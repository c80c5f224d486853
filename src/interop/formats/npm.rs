//! package.json: what npm knows of a program.

use serde_json::{Map, Value as Json};

use crate::model::{Field, Person};

use crate::interop::json::{find_text, list_items, parse_object};
use crate::interop::person_names::read_package_author;
use crate::interop::source_metadata::SourceMetadata;

/// Reads package.json.
///
/// # Errors
/// Why it is not a JSON object.
pub(in crate::interop) fn read_npm(text: &str) -> Result<SourceMetadata, String> {
    let json = parse_object(text)?;
    let mut out = SourceMetadata::default();
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    out.set_software();
    out.set_text(Field::Title, "name", text("name"));
    out.set_text(Field::Version, "version", text("version"));
    out.set_plain_text(Field::Description, "description", text("description"));
    out.set_list(Field::Keywords, "keywords", json.get("keywords"));
    // Old packages have an object with a `type` here.
    let license = json.get("license").and_then(|value| find_text(value, &["type"]));
    out.set_license("license", license);
    let author = read_people(&json, "author");
    let mut helpers = read_people(&json, "contributors");
    // A record needs a creator, so without an author the contributors are.
    if author.is_empty() {
        out.set_natural_people("contributors", helpers);
    } else {
        out.set_natural_people("author", author);
        for helper in &mut helpers {
            helper.role = Some("Other".to_owned());
        }
        out.set_people(Field::Contributors, "contributors", helpers);
    }
    let repository = json.get("repository").and_then(|value| find_text(value, &["url"]));
    out.relate_repository("repository", repository.map(write_full_address).as_deref());
    out.relate("homepage", "isDocumentedBy", text("homepage"));
    Ok(out)
}

/// Writes out npm's short forms: `owner/name` and `github:owner/name`.
fn write_full_address(text: &str) -> String {
    for (lead, host) in
        [("github:", "github.com"), ("gitlab:", "gitlab.com"), ("bitbucket:", "bitbucket.org")]
    {
        if let Some(path) = text.strip_prefix(lead) {
            return format!("https://{host}/{path}");
        }
    }
    // A bare `owner/name` is npm's short form of a GitHub repository.
    let is_short = text.split('/').count() == 2 && !text.contains([':', '@', ' ']);
    if is_short { format!("https://github.com/{text}") } else { text.to_owned() }
}

fn read_people(json: &Map<String, Json>, key: &str) -> Vec<Person> {
    let people = list_items(json.get(key)).into_iter();
    people.filter_map(|person| read_package_author(find_text(person, &["name"])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npm_s_short_forms_are_written_out() {
        for (text, expected) in [
            ("polar/ice", "https://github.com/polar/ice"),
            ("gitlab:polar/ice", "https://gitlab.com/polar/ice"),
            ("git+ssh://git@github.com/polar/ice.git", "git+ssh://git@github.com/polar/ice.git"),
        ] {
            assert_eq!(write_full_address(text), expected);
        }
    }
}
