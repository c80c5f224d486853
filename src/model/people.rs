//! People and organisations.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A list of people, which is shared when it is cloned: a record may have thousands.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct People(Arc<Vec<Person>>);

impl Deref for People {
    type Target = [Person];

    fn deref(&self) -> &[Person] {
        &self.0
    }
}

impl From<Vec<Person>> for People {
    fn from(people: Vec<Person>) -> Self {
        Self(Arc::new(people))
    }
}

impl FromIterator<Person> for People {
    fn from_iter<I: IntoIterator<Item = Person>>(people: I) -> Self {
        Self::from(people.into_iter().collect::<Vec<_>>())
    }
}

impl<'a> IntoIterator for &'a People {
    type Item = &'a Person;
    type IntoIter = std::slice::Iter<'a, Person>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl People {
    /// Returns the people for a change; those that others share are copied.
    pub fn make_mut(&mut self) -> &mut Vec<Person> {
        Arc::make_mut(&mut self.0)
    }
}

/// A creator, contributor or supervisor.
///
/// What only the records API can say of one is in [`details`](Self::details); without them, both
/// APIs say the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// `Family, Given`, or a name as it is.
    pub name: String,
    /// The only affiliation, when it is a name without an id.
    pub affiliation: Option<String>,
    /// ORCID, bare: `0000-0002-1825-0097`.
    pub orcid: Option<String>,
    /// GND id.
    pub gnd: Option<String>,
    /// A role: of a contributor `type` in the deposit API; of a creator only the records API says
    /// it.
    pub role: Option<String>,
    /// What only the records API says.
    pub details: PersonDetails,
}

/// What only the records API says of a person or an organisation.
///
/// Source: records-api-facts.md section 10, 2026-11-28.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonDetails {
    /// Whether it is an organisation; in the deposit API everybody is a person.
    pub is_organization: bool,
    /// Family and given name, where the name's only comma does not part them.
    pub names: Option<(String, String)>,
    /// All affiliations, where they are not a single name.
    pub affiliations: Vec<Affiliation>,
    /// Ids of other schemes than ORCID and GND, such as ISNI and ROR, sorted.
    pub identifiers: Vec<Identifier>,
}

/// An affiliation.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Affiliation {
    /// Its name; of one with an id the server has its own.
    pub name: Option<String>,
    /// Its ROR id, bare: `02feahw73`.
    pub ror: Option<String>,
}

/// An id and its scheme.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier {
    /// The scheme, in lower case: `isni`.
    pub scheme: String,
    /// The id, as the server keeps it.
    pub identifier: String,
}

impl Person {
    /// Returns all affiliations, however they are kept.
    pub fn list_affiliations(&self) -> Vec<Affiliation> {
        let only = self.affiliation.iter();
        let only = only.map(|name| Affiliation { name: Some(name.clone()), ror: None });
        only.chain(self.details.affiliations.iter().cloned()).collect()
    }

    /// Sets the affiliations, in the form that both APIs have where it says all.
    pub fn set_affiliations(&mut self, all: Vec<Affiliation>) {
        if let [Affiliation { name: Some(name), ror: None }] = all.as_slice() {
            self.affiliation = Some(name.clone());
            self.details.affiliations = Vec::new();
        } else {
            self.affiliation = None;
            self.details.affiliations = all;
        }
    }

    /// Drops the names of affiliations with an id: the server has its own.
    pub fn drop_known_names(&mut self) {
        let homes = self.list_affiliations().into_iter();
        let bare = homes
            .map(|home| Affiliation { name: home.name.filter(|_| home.ror.is_none()), ..home });
        let bare = bare.collect();
        self.set_affiliations(bare);
    }

    /// Returns the family and the given name; the latter is empty where there is none.
    pub fn split_name(&self) -> (String, String) {
        if let Some(names) = &self.details.names {
            return names.clone();
        }
        // The deposit API splits a name at its only comma (zenodo-notes.md, 2026-11-23).
        match self.name.split(',').collect::<Vec<_>>().as_slice() {
            [family, given] => (family.trim().to_owned(), given.trim().to_owned()),
            _ => (self.name.clone(), String::new()),
        }
    }
}

/// Writes `head (a, b)`, leaving out missing details.
pub(super) fn with_details(
    f: &mut fmt::Formatter<'_>,
    head: &str,
    details: &[Option<String>],
) -> fmt::Result {
    f.write_str(head)?;
    let details: Vec<&str> = details.iter().flatten().map(String::as_str).collect();
    if details.is_empty() { Ok(()) } else { write!(f, " ({})", details.join(", ")) }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Person { name, affiliation, orcid, gnd, role, details } = self;
        let PersonDetails { is_organization, names, affiliations, identifiers } = details;
        let mut parts = vec![
            is_organization.then(|| "organisation".to_owned()),
            names.as_ref().map(|(family, given)| format!("family name {family}, given {given}")),
            role.clone(),
            affiliation.clone(),
        ];
        parts.extend(affiliations.iter().map(|one| Some(one.to_string())));
        parts.push(orcid.as_ref().map(|id| format!("ORCID {id}")));
        parts.push(gnd.as_ref().map(|id| format!("GND {id}")));
        parts.extend(identifiers.iter().map(|one| Some(one.to_string())));
        with_details(f, name, &parts)
    }
}

impl fmt::Display for Affiliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.ror) {
            (Some(name), Some(ror)) => write!(f, "{name} [ROR {ror}]"),
            (Some(name), None) => f.write_str(name),
            (None, Some(ror)) => write!(f, "ROR {ror}"),
            (None, None) => f.write_str("(no name)"),
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme.as_str() {
            scheme @ ("isni" | "ror" | "gnd" | "orcid") => {
                write!(f, "{} {}", scheme.to_uppercase(), self.identifier)
            }
            scheme => write!(f, "{scheme} {}", self.identifier),
        }
    }
}
