//! The patterns of known secrets: how each begins, what it looks like, and how to tell placeholders
//! apart.
//!
//! A pattern is tried only at one of its beginnings, so that a search is as fast as reading the
//! file. Each requires more than a name: a header with a key behind it, a prefix with as many
//! characters as the service issues. Deliberately absent: reading (`scan`), and what a hit means
//! for a plan (`policy`).

use std::sync::OnceLock;

use regex::bytes::{Captures, Regex};

use crate::model::Sensitive;

/// How a secret looks.
pub(in crate::inventory) struct TokenPattern {
    /// Its name in the cache; never given to another form.
    pub(in crate::inventory) name: &'static str,
    /// Under which kind it can be allowed.
    pub(in crate::inventory) kind: Sensitive,
    /// What it is, in words.
    pub(in crate::inventory) what: &'static str,
    /// How it begins; one of these.
    pub(in crate::inventory) beginnings: &'static [&'static str],
    /// From its beginning on; the secret itself is the first group, or else all.
    pattern: &'static str,
    /// Returns whether a match is a secret, given the bytes before it.
    is_meant: IsMeant,
    compiled: OnceLock<Option<Regex>>,
}

impl std::fmt::Debug for TokenPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl TokenPattern {
    /// Returns the length in bytes of a secret of this form that begins at `text`, or `None` if
    /// there is none. `before` has the bytes before it, as far as they are known.
    pub(in crate::inventory) fn length_at(&self, before: &[u8], text: &[u8]) -> Option<usize> {
        // A name such as `MY_ZENODO_TOKEN` may begin earlier; a token may not.
        let is_name = self.name == "zenodo";
        let is_word_at = |text: &[u8], at: usize| text.get(at).is_some_and(|byte| is_word(*byte));
        if !is_name && is_word_at(text, 0) && before.last().is_some_and(|byte| is_word(*byte)) {
            return None;
        }
        let compiled = self.compiled.get_or_init(|| Regex::new(self.pattern).ok());
        let found = compiled.as_ref()?.captures(text)?;
        let whole = found.get(0)?;
        // Only the start of a key is read, but a token has a fixed form: what continues is another.
        let goes_on = self.kind == Sensitive::Token
            && is_word_at(text, whole.end() - 1)
            && is_word_at(text, whole.end());
        if goes_on || !(self.is_meant)(before, &found) {
            return None;
        }
        Some(whole.len())
    }
}

/// Returns the form of this name.
pub(in crate::inventory) fn find_pattern(name: &str) -> Option<&'static TokenPattern> {
    TOKEN_PATTERNS.iter().find(|form| form.name == name)
}

type IsMeant = fn(&[u8], &Captures<'_>) -> bool;

const fn make_pattern(
    name: &'static str,
    kind: Sensitive,
    what: &'static str,
    beginnings: &'static [&'static str],
    pattern: &'static str,
    is_meant: IsMeant,
) -> TokenPattern {
    let compiled = OnceLock::new();
    TokenPattern { name, kind, what, beginnings, pattern, is_meant, compiled }
}

const fn make_key_pattern(
    name: &'static str,
    what: &'static str,
    beginnings: &'static [&'static str],
    pattern: &'static str,
) -> TokenPattern {
    make_pattern(name, Sensitive::PrivateKey, what, beginnings, pattern, is_varied)
}

const fn make_token_pattern(
    name: &'static str,
    what: &'static str,
    beginnings: &'static [&'static str],
    pattern: &'static str,
) -> TokenPattern {
    make_pattern(name, Sensitive::Token, what, beginnings, pattern, is_varied)
}

/// Every form. A change here requires another `scan::VERSION`.
///
/// Sources: the services' own documentation of their tokens, as of 2026-11-23. A Zenodo token is
/// 60 letters and digits without a prefix, so it is known only by the name it is given to.
pub(in crate::inventory) static TOKEN_PATTERNS: [TokenPattern; 20] = [
    make_key_pattern(
        "pem",
        "a private key (PEM)",
        &["-----BEGIN "],
        r#"(?-u)^-----BEGIN (?:[A-Z0-9]+ ){0,2}PRIVATE KEY-----(?:\s|\\r|\\n|["'+,]){1,40}(?:[A-Za-z][A-Za-z-]{1,30}: [^\r\n\\]{0,120}(?:\s|\\r|\\n){1,8}){0,4}([A-Za-z0-9+/]{40})"#,
    ),
    make_key_pattern(
        "pgp",
        "a private key (PGP)",
        &["-----BEGIN "],
        r"(?-u)^-----BEGIN PGP PRIVATE KEY BLOCK-----\s{1,8}(?:[A-Za-z]{1,30}: [^\r\n]{0,120}\s{1,8}){0,4}([A-Za-z0-9+/]{40})",
    ),
    make_key_pattern(
        "putty",
        "a private key (PuTTY)",
        &["PuTTY-User-Key-File-"],
        r"(?-u)^PuTTY-User-Key-File-[23]: [a-z0-9@.-]{3,60}\s{1,4}Encryption: ",
    ),
    make_key_pattern(
        "age",
        "a private key (age)",
        &["AGE-SECRET-KEY-1"],
        r"(?-u)^AGE-SECRET-KEY-1([A-Z0-9]{58})",
    ),
    make_token_pattern(
        "github",
        "a GitHub token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        r"(?-u)^gh[pousr]_[A-Za-z0-9]{36,255}",
    ),
    make_token_pattern(
        "github-fine",
        "a GitHub token",
        &["github_pat_"],
        r"(?-u)^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    ),
    make_token_pattern(
        "gitlab",
        "a GitLab token",
        &["glpat-"],
        r"(?-u)^glpat-[A-Za-z0-9_-]{20,300}(?:\.[a-z0-9]{2}\.[a-z0-9]{7,9})?",
    ),
    make_pattern(
        "aws",
        Sensitive::Token,
        "an AWS access key with its secret",
        &["AKIA", "ASIA"],
        r"(?s-u)^A[KS]IA[A-Z2-7]{16}[^A-Z0-9].{0,200}?[^A-Za-z0-9/+=]([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)",
        is_mixed,
    ),
    make_token_pattern("google", "a Google API key", &["AIza"], r"(?-u)^AIza[0-9A-Za-z_-]{35}"),
    make_token_pattern(
        "slack",
        "a Slack token",
        &["xox"],
        r"(?-u)^xox[abeoprs]-[0-9]{1,20}-[0-9A-Za-z-]{16,300}",
    ),
    make_token_pattern("npm", "an npm token", &["npm_"], r"(?-u)^npm_[A-Za-z0-9]{36}"),
    make_token_pattern(
        "pypi",
        "a PyPI token",
        &["pypi-AgE"],
        r"(?-u)^pypi-AgE[A-Za-z0-9_-]{50,400}",
    ),
    make_token_pattern(
        "hugging-face",
        "a Hugging Face token",
        &["hf_"],
        r"(?-u)^hf_[A-Za-z0-9]{34}",
    ),
    make_token_pattern(
        "openai",
        "an OpenAI key",
        &["sk-"],
        r"(?-u)^sk-[A-Za-z0-9_-]{16,120}T3BlbkFJ[A-Za-z0-9_-]{16,120}",
    ),
    make_token_pattern(
        "anthropic",
        "an Anthropic key",
        &["sk-"],
        r"(?-u)^sk-ant-[a-z]{2,8}[0-9]{2}-[A-Za-z0-9_-]{60,200}",
    ),
    make_pattern(
        "jwt",
        Sensitive::Token,
        "a JSON web token",
        &["eyJ"],
        r"(?-u)^eyJ[A-Za-z0-9_-]{10,300}\.eyJ[A-Za-z0-9_-]{10,400}\.[A-Za-z0-9_-]{20,200}",
        is_a_credential,
    ),
    make_token_pattern(
        "zenodo",
        "a Zenodo token",
        &["zenodo", "Zenodo", "ZENODO"],
        r#"(?i-u)^zenodo[a-z0-9_.-]{0,40}token[a-z0-9_]{0,20}["']?\s{0,8}[:=]{1,2}>?\s{0,8}["']?([a-z0-9]{60})"#,
    ),
    make_token_pattern(
        "access-token",
        "an access token",
        &["access_token="],
        r"(?-u)^access_token=([A-Za-z0-9]{60})",
    ),
    make_token_pattern(
        "zrel",
        "a token for zrel",
        &["ZREL_TOKEN_"],
        r#"(?-u)^ZREL_TOKEN_[A-Za-z0-9_]{1,100}["']?\s{0,8}[:=]\s{0,8}["']?([A-Za-z0-9._-]{20,200})"#,
    ),
    make_pattern(
        "url",
        Sensitive::Token,
        "an address with a password",
        &["://"],
        r#"(?-u)^://([^\s/:@"'<>{}$%()\[\]\\`|]{0,64}):([^\s/@:"'<>{}$*()\[\]\\`|]{4,128})@([A-Za-z0-9][A-Za-z0-9.-]{1,250})"#,
        is_a_password,
    ),
];

/// Returns whether a secret is not a placeholder: it has many different characters, and no word
/// that gives it away.
fn is_varied(_: &[u8], found: &Captures<'_>) -> bool {
    found.get(1).or(found.get(0)).is_some_and(|secret| {
        let secret = secret.as_bytes();
        count_distinct(secret) >= 10 && !holds(secret, "example") && !holds(secret, "xxxx")
    })
}

/// Returns the same for an AWS secret, which only its capitals distinguish from a hash.
fn is_mixed(before: &[u8], found: &Captures<'_>) -> bool {
    let secret = found.get(1).map(|secret| secret.as_bytes()).unwrap_or_default();
    let has = |test: fn(&u8) -> bool| secret.iter().any(test);
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && is_varied(before, found)
}

/// Returns whether the text before a JSON web token names it as a credential: alone, it may be from
/// a tutorial or a test.
fn is_a_credential(before: &[u8], found: &Captures<'_>) -> bool {
    let text = String::from_utf8_lossy(before).to_ascii_lowercase();
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || "\"':=>".contains(c));
    ["bearer", "token", "jwt", "secret", "password"].iter().any(|word| text.ends_with(word))
        && is_varied(before, found)
}

/// Returns whether an address has a real password, not one of a tutorial or of the local machine.
fn is_a_password(before: &[u8], found: &Captures<'_>) -> bool {
    const FILLERS: &[&str] = &[
        "pass", "pwd", "secret", "token", "user", "xxx", "changeme", "your", "my", "example",
        "test", "dummy", "...", "abc", "1234",
    ];
    let group = |number| found.get(number).map(|part| part.as_bytes()).unwrap_or_default();
    let lower = |text: &[u8]| String::from_utf8_lossy(text).to_ascii_lowercase();
    let (user, password, host) = (lower(group(1)), lower(group(2)), lower(group(3)));
    let is_filler = FILLERS.iter().any(|filler| password.starts_with(filler));
    let is_nowhere = ["localhost", "127.0.0.1", "0.0.0.0", "host", "hostname"]
        .contains(&host.as_str())
        || ["example", "example.com", "example.org", "example.net", "test", "invalid"]
            .iter()
            .any(|name| host == *name || host.ends_with(&format!(".{name}")));
    // A scheme comes before `://`, and `anonymous:anonymous` is a public login.
    before.last().is_some_and(u8::is_ascii_alphanumeric)
        && password != user
        && count_distinct(group(2)) >= 4
        && !is_filler
        && !is_nowhere
}

fn count_distinct(text: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in text {
        seen[usize::from(*byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count()
}

fn holds(text: &[u8], word: &str) -> bool {
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::secrets::scan;

    /// Random characters, so that no whole secret is in this source.
    fn signs(n: usize) -> String {
        "q7ZkT2mWx9RbYc4LsVf8HdNj3GpKa6Eu".chars().cycle().take(n).collect()
    }

    fn found(text: &str) -> Vec<&'static str> {
        scan::scan_bytes(text.as_bytes()).into_iter().map(|hit| hit.look.name()).collect()
    }

    #[test]
    fn each_form_is_found() {
        let s = signs;
        let upper = |n| s(n).to_uppercase();
        let pem = format!("-----BEGIN {} KEY-----", "PRIVATE");
        let jwt = format!("eyJ{}.eyJ{}.{}", s(20), s(30), s(43));
        let cases = [
            ("pem", format!("{pem}\n{}\n", s(64))),
            ("pem", format!("{{\"private_key\": \"{pem}\\n{}\\n\"}}", s(64))),
            (
                "pem",
                format!(
                    "{}\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,00\r\n\r\n{}",
                    pem.replace("PRIV", "RSA PRIV"),
                    s(64)
                ),
            ),
            ("pem", format!("key: |\n  {}\n  {}", pem.replace("PRIV", "OPENSSH PRIV"), s(70))),
            (
                "pgp",
                format!("-----BEGIN PGP {} KEY BLOCK-----\nVersion: 1\n\n{}", "PRIVATE", s(64)),
            ),
            ("putty", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n".to_owned()),
            ("age", format!("AGE-SECRET-KEY-1{}", upper(58))),
            ("github", format!("token: ghp_{}\n", s(36))),
            ("github", format!("https://ghs_{}@github.com/", s(36))),
            ("github-fine", format!("github_pat_{}_{}", s(22), s(59))),
            ("gitlab", format!("GITLAB=glpat-{}", s(20))),
            ("aws", format!("id = AKIA{}\nsecret = {}\n", "QZ2T7WXR4BYC3LSV", s(40))),
            ("google", format!("'AIza{}'", s(35))),
            ("slack", format!("xoxb-123456789012-{}", s(24))),
            ("npm", format!("_authToken=npm_{}", s(36))),
            ("pypi", format!("password = pypi-AgE{}", s(150))),
            ("hugging-face", format!("hf_{}", s(34))),
            ("openai", format!("sk-{}{}{}", s(20), "T3BlbkFJ", s(20))),
            ("anthropic", format!("sk-ant-api03-{}", s(93))),
            ("jwt", format!("Authorization: Bearer {jwt}")),
            ("zenodo", format!("ZENODO_TOKEN={}", s(60))),
            ("zenodo", format!("export MY_ZENODO_SANDBOX_TOKEN=\"{}\"", s(60))),
            ("zenodo", format!("zenodo_access_token: '{}'", s(60))),
            ("access-token", format!("https://zenodo.org/api/x?access_token={}", s(60))),
            ("zrel", format!("ZREL_TOKEN_repository_example_org={}", s(40))),
            ("url", format!("https://me:{}@repository.uni.edu/x", s(12))),
            ("url", format!("postgres://:{}@db.uni.edu", s(12))),
        ];
        for (name, text) in &cases {
            assert_eq!(found(text), [*name], "{text}");
        }
        for form in &TOKEN_PATTERNS {
            assert!(cases.iter().any(|(name, _)| *name == form.name), "no case for {form:?}");
        }
    }

    #[test]
    fn text_that_only_looks_like_a_secret_is_accepted() {
        let base64 = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==";
        let jwt = format!("eyJ{}.eyJ{}.{}", signs(20), signs(30), signs(43));
        let pem = format!("-----BEGIN {} KEY-----", "PRIVATE");
        for text in [
            format!("<img src=\"data:image/png;base64,{}\">", base64.repeat(50)),
            "da39a3ee5e6b4b0d3255bfef95601890afd80709 900150983cd24fb0d6963f7d28e17f72".to_owned(),
            "123e4567-e89b-12d3-a456-426614174000".to_owned(),
            "sk-learn, scikit-learn, task-force, sk-learn-0123456789-abcdefghijklmnopqrstuvwx"
                .to_owned(),
            "AKIAIOSFODNN7EXAMPLE\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n".to_owned(),
            format!("AKIA{} da39a3ee5e6b4b0d3255bfef95601890afd80709", "QZ2T7WXR4BYC3LSV"),
            format!("A key begins with `{pem}` and ends so."),
            format!("{pem}\n...\n-----END"),
            format!("{pem}\nMIIE...\n"),
            format!("{pem}\n{}\n", "A".repeat(64)),
            format!("-----BEGIN CERTIFICATE-----\n{}", signs(64)),
            format!("-----BEGIN PUBLIC KEY-----\n{}", signs(64)),
            format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}", signs(64)),
            format!("ghp_{}", "x".repeat(36)),
            format!("ghp_{}", "0".repeat(36)),
            format!("xghp_{}", signs(36)),
            format!("hf_{}", signs(40)),
            format!("AIza{}", signs(60)),
            "the model hf_transformer_is_not_a_token_at_all".to_owned(),
            "npm_config_registry_and_other_settings_of_npm".to_owned(),
            jwt.clone(),
            format!("<code>{jwt}</code>"),
            "ZENODO_TOKEN=${{ secrets.ZENODO_TOKEN }}".to_owned(),
            "export ZENODO_TOKEN=your-token-here".to_owned(),
            "ZREL_TOKEN_repository_example_org=...".to_owned(),
            "https://zenodo.org/records/1?token=1".to_owned(),
            "https://user:password@example.org, ftp://anonymous:anonymous@ftp.gnu.org".to_owned(),
            "postgres://postgres:s3cretword9@localhost:5432/db".to_owned(),
            "https://${USER}:${PASS}@host.uni.edu, https://<user>:<word>@host.uni.edu".to_owned(),
            "https://uni.edu:8080/a@b, see http://a.uni.edu: mail me@uni.edu".to_owned(),
            "xoxo-love-and-kisses-from-everyone".to_owned(),
            "PuTTY-User-Key-File-2 is the first line of a key".to_owned(),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
