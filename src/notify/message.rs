//! One message, neutral: what happened, the facts, and a link. Every channel renders the same.

use url::Url;

use super::event::Event;
use super::text::clean_line;

/// How many characters of a headline or a value are kept; each channel cuts further.
const MOST: usize = 1000;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What happened.
    pub event: Event,
    /// Its id: the same each time it is sent, so that a receiver can drop a second one.
    pub id: String,
    /// When it happened: RFC 3339.
    pub time: String,
    /// What happened, in one line.
    pub headline: String,
    /// The facts, in their order.
    pub facts: Vec<Fact>,
    /// Where to look.
    pub link: Option<Link>,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its name for programs: `doi`.
    pub key: &'static str,
    /// Its name for people: `DOI`; empty for what the headline says, which is for programs only.
    pub label: &'static str,
    /// One line, never empty.
    pub value: String,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is there.
    pub text: &'static str,
    /// https, or http.
    pub url: String,
}

impl Message {
    /// Begins a message about what a digest of 64 hexadecimal digits stands for.
    pub fn new(event: Event, digest: &str, time: &str, headline: &str) -> Self {
        Self {
            event,
            id: make_message_id(digest, event),
            time: time.to_owned(),
            headline: tidy(headline),
            facts: Vec::new(),
            link: None,
        }
    }

    /// Adds a fact; an empty one is left out.
    #[must_use]
    pub fn fact(mut self, key: &'static str, label: &'static str, value: &str) -> Self {
        let value = tidy(value);
        if !value.is_empty() {
            self.facts.push(Fact { key, label, value });
        }
        self
    }

    /// Adds a fact for programs, which the headline has for people.
    #[must_use]
    pub fn data(self, key: &'static str, value: &str) -> Self {
        self.fact(key, "", value)
    }

    /// Returns the facts for people.
    pub fn shown(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|fact| !fact.label.is_empty())
    }

    /// Adds the link, if it is the address of a page.
    #[must_use]
    pub fn link(mut self, text: &'static str, url: &str) -> Self {
        let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        self.link = url.map(|url| Link { text, url: url.into() });
        self
    }

    /// Returns it as plain text, without the headline.
    pub fn body_text(&self) -> String {
        let facts = self.shown().map(|fact| format!("{}: {}", fact.label, fact.value));
        let link = self.link.iter().map(|link| format!("{}: {}", link.text, link.url));
        facts.chain(link).collect::<Vec<_>>().join("\n")
    }

    /// Returns all of it as plain text.
    pub fn text(&self) -> String {
        format!("{}\n{}", self.headline, self.body_text()).trim_end().to_owned()
    }
}

/// Returns the id of the message about an event of a plan, by the plan's digest.
pub fn make_message_id(digest: &str, event: Event) -> String {
    let digest: String = digest.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    format!("{digest}.{}", event.word())
}

fn tidy(text: &str) -> String {
    super::text::cut(&clean_line(text), MOST)
}
