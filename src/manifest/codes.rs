//! The codes of a manifest's faults, one for each check, with a one-line explanation.
//!
//! `docs/errors.md` shows this table. A code is never reused for another check.

macro_rules! codes {
    ($($name:ident $code:literal $text:literal,)*) => {
        $(#[doc = $text] pub(crate) const $name: &str = $code;)*

        /// Each code that a manifest's fault can carry, sorted, with a one-line explanation.
        pub const CODES: &[(&str, &str)] = &[$(($code, $text),)*];
    };
}

codes! {
    SYNTAX "ZR0101" "the text is not TOML",
    UNKNOWN_KEY "ZR0102" "a key that zrel does not know; Zenodo would silently drop it",
    WRONG_TYPE "ZR0103" "a value of another type than the key takes",
    MISSING "ZR0104" "a key that must be there is missing",
    TOO_SHORT "ZR0105" "a text that is empty or under three characters, which a draft drops",
    UNKNOWN_WORD "ZR0106" "a word that Zenodo's vocabulary does not have",
    UNKNOWN_LICENSE "ZR0107" "a licence that Zenodo's vocabulary does not have",
    SUBTYPE "ZR0108" "`publication_type` or `image_type` does not go with `upload_type`",
    ORCID "ZR0109" "an ORCID that is not valid",
    GND "ZR0110" "a GND id that is not valid",
    ISBN "ZR0111" "an ISBN that is not valid",
    DATE "ZR0112" "a date that Zenodo does not take",
    EMBARGO "ZR0113" "an embargo without a date, a date without an embargo, or one that has ended",
    NOT_SENT "ZR0114" "`access_conditions` is dropped by Zenodo and not sent",
    CLOSED_LICENSE "ZR0115" "a licence on a record whose files are restricted",
    DEFAULT_LICENSE "ZR0116" "no licence is given, so Zenodo's default applies",
    LANGUAGE "ZR0117" "a language that is not an ISO 639 code",
    IDENTIFIER "ZR0118" "an identifier of no scheme that Zenodo knows",
    LOCATION "ZR0119" "coordinates that are out of range or not a pair",
    INTERVAL "ZR0120" "dates that end before they begin, or have neither start nor end",
    CREATOR_TYPE "ZR0121" "a creator or supervisor with a `type`, which only contributors have",
    LIST_AS_TEXT "ZR0122" "a text where a list belongs; Zenodo would take each letter as an entry",
    REPETITION "ZR0123" "the same keyword, person, identifier or community twice",
    FILE_TWICE "ZR0124" "two entries for the same files or the same name in the record",
    SERVER_DOI "ZR0125" "a `doi` that the server itself makes",
    DOI "ZR0126" "a `doi` that is not a DOI",
    CONCEPT "ZR0127" "a concept that can't be read, or belongs to another server",
    SERVER_URL "ZR0128" "a server's address that zrel does not use",
    BUILT_IN_SERVER "ZR0129" "a built-in server that is defined again",
    UNKNOWN_SERVER "ZR0130" "a server that is neither built in nor defined",
    RESERVED_DOI "ZR0131" "`prereserve_doi` is given; the server makes it",
    METADATA_COMMUNITIES "ZR0132" "`communities` is inside `[metadata]`",
    UNSAFE_PATH "ZR0133" "a path that leaves the manifest's folder or names what must stay private",
    ENTRY "ZR0134" "a `[[files]]` entry that does not say one thing",
    FILE_NAME "ZR0135" "a name that a file can't have in the record",
    NO_DESCRIPTION "ZR0136" "no description is given",
    TEXT_FILE "ZR0137" "a text file that is neither Markdown nor HTML",
    GLOB "ZR0138" "a pattern that is not a glob",
    ADDRESS "ZR0139" "a text that is not a web address",
    SERVER_NAME "ZR0140" "a server's name or DOI prefix that is not valid",
    COMMUNITY "ZR0141" "a community's id that is not valid",
    CLOSED "ZR0142" "`closed` comes back as `restricted`",
    TAGS "ZR0143" "several git tags could be the version label",
    NO_GIT "ZR0144" "the version label is to come from git, and there is no repository",
    DIRTY "ZR0145" "the version label comes from a tag, and files differ from the commit",
    UNREAD_TEXT "ZR0146" "a text that a file was to give was not read",
    ONE_END "ZR0147" "a date with only one end, which is sent as both",
    CONTROL "ZR0148" "a control character that Zenodo reads as another one",
    UNSEEN_CHARACTER "ZR0149" "a character that nobody sees, or that turns the direction of writing",
    PICTURE "ZR0155" "a picture in a text, which Zenodo leaves out",
    RELATIVE_LINK "ZR0156" "a relative link in a text, which leads elsewhere from the record's page",
    UNREAD_TAGS "ZR0159" "no git tag on the commit names a version",
    NESTING "ZR0160" "a text that is nested too deep to be read",
    TOO_MANY "ZR0161" "a list with more than 20,000 entries",
    NO_COMMA "ZR0162" "a person's name without a comma",
    VERSION_FILE "ZR0163" "the version label is to come from a file that has none",
    WRITE "ZR0164" "a `[[write]]` entry that zrel can't follow",
    MEMBERS "ZR0165" "a workspace whose `members` can't be followed",
    DEFAULT "ZR0166" "a default that a workspace can't give",
    INHERITED "ZR0167" "what a manifest inherits from its workspace",
    LINK "ZR0168" "a link to a member of the workspace that can't be followed",
    REVIEW "ZR0169" "a review that a community can't make",
    COMMUNITY_METADATA "ZR0170" "metadata of a community that the record can't take",
    PROFILE_FAULT "ZR0171" "metadata that are not as a community's profile asks",
    PROFILE "ZR0172" "a community's profile that can't be followed",
    CHANNEL "ZR0175" "a channel that is not named as channels are",
    ORGANISATION_ID "ZR0176" "an id that is not a ROR id or an ISNI",
    TWO_SPELLINGS "ZR0177" "two fields that say the same thing",
    CUSTOM_FIELD "ZR0178" "a custom field that Zenodo does not take",
    GEOMETRY "ZR0179" "a shape that is not GeoJSON",
    FUNDING "ZR0180" "funding that names neither a funder nor an award",
    NATIVE_FIELD "ZR0181" "a field that the deposit API does not have, where `[api]` asks for it alone",
    CLOSED_PAGE "ZR0182" "a record whose page is to be hidden",
    SHARING "ZR0183" "a grant or a secret link that can't be followed",
    LONG_LABEL "ZR0184" "a version label of more than 191 characters",
    OTHER_FIELD "ZR0185" "a custom field that zrel does not know",
    OTHER_SHAPE "ZR0186" "a shape that the server does not take",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_given_once() {
        assert!(CODES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(CODES.iter().all(|(code, _)| code.starts_with("ZR01") && code.len() == 6));
    }
}
