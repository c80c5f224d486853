//! The one style sheet of the pages, and the content security policy that allows only this sheet.
//! The sheet is a Rust string, not a file: the compiler turns `\r\n` into `\n` as the
//! browser does, so its hash holds on every checkout.

use sha2::{Digest, Sha256};

/// The text between `<style>` and `</style>`, to the byte.
pub(super) const STYLE: &str = r#"
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --raised: #ffffff; --ink: #1c2126; --soft: #59636e; --line: #e3e0d8;
  --accent: #0b5ea8; --quiet: #f1efe9;
  --warn-paper: #fff1cf; --warn-ink: #5c3d00; --warn-line: #e8b84a;
  --good-paper: #ddf2e3; --good-ink: #14532d; --bad-paper: #fbe3dd; --bad-ink: #7c2413;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, Inter, "Noto Sans", Ubuntu, "Liberation Sans", sans-serif;
  --serif: Charter, "Iowan Old Style", "Source Serif 4", "Bitstream Charter", "Noto Serif", Cambria, Georgia, serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono", "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --raised: #1b1f24; --ink: #e4e6e8; --soft: #9aa4ae; --line: #2d333a;
    --accent: #7db8f0; --quiet: #23282e;
    --warn-paper: #3a2d0c; --warn-ink: #f6d98b; --warn-line: #8a6a1c;
    --good-paper: #16351f; --good-ink: #a3dcb5; --bad-paper: #43201a; --bad-ink: #f3b5a6;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--sans); overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
code { font-family: var(--mono); font-size: .875em; }
p, ul, ol, dl, dd, h1, h2 { margin: 0; }
.empty { color: var(--soft); }

.rehearsal { background: var(--warn-paper); color: var(--warn-ink); border-bottom: 1px solid var(--warn-line); font-size: .9rem; line-height: 1.45; }
.rehearsal p { max-width: 74rem; margin: 0 auto; padding: .6rem 1.5rem; }
.top, .bottom, main { max-width: 74rem; margin: 0 auto; padding: 0 1.5rem; }
.top { padding-top: 1.1rem; padding-bottom: 1.1rem; font-weight: 650; }
.top a { color: inherit; text-decoration: none; }
.top span { color: var(--soft); font-weight: 400; margin-left: .35em; }
.bottom { margin-top: 4rem; padding-top: 1rem; padding-bottom: 2.5rem; color: var(--soft); font-size: .85rem; }

h1 { font: 600 clamp(1.65rem, 1.2rem + 1.9vw, 2.35rem)/1.2 var(--serif); letter-spacing: -.012em; text-wrap: balance; }
h2 { font-size: 1rem; line-height: 1.4; font-weight: 650; }
h2 small { font-weight: 400; font-size: .875rem; color: var(--soft); margin-left: .4em; }
.notice { background: var(--warn-paper); color: var(--warn-ink); border: 1px solid var(--warn-line); border-radius: 6px; padding: .55rem .9rem; margin-bottom: 1.4rem; font-size: .95rem; }
.notice a { color: inherit; }
.tags { display: flex; flex-wrap: wrap; gap: .4rem; }
.tag { display: inline-block; background: var(--quiet); color: var(--ink); border-radius: 4px; padding: .12rem .5rem; font-size: .8125rem; line-height: 1.45; font-weight: 400; }
.tag.open { background: var(--good-paper); color: var(--good-ink); }
.tag.closed { background: var(--bad-paper); color: var(--bad-ink); }
.tag.draft { background: #e8b84a; color: #241800; font-weight: 600; }

.record { display: grid; grid-template-columns: minmax(0, 1fr) 19rem; gap: 0 4rem; padding-top: 1.2rem; }
article > section { margin-top: 2.4rem; }
article h1 { margin: .8rem 0 1.1rem; }
article h2 { font-size: 1.125rem; padding-bottom: .5rem; border-bottom: 1px solid var(--line); }
.people { list-style: none; padding: 0; display: grid; gap: .5rem; line-height: 1.45; }
.people .name { font-weight: 600; }
.people .affiliation { display: block; color: var(--soft); font-size: .9rem; }
.orcid { font: .8125rem var(--mono); margin-left: .35em; white-space: nowrap; }
.role { color: var(--soft); font-size: .875rem; }
details { margin-top: .9rem; font-size: .95rem; }
summary { color: var(--soft); cursor: pointer; }
details .people { margin-top: .6rem; }

.prose { font: 1.0625rem/1.65 var(--serif); max-width: 42rem; unicode-bidi: isolate; }
.prose > * { margin: 0 0 1em; }
.prose > :last-child { margin-bottom: 0; }
.prose h1, .prose h2, .prose h3, .prose h4 { font: 650 1.125rem/1.35 var(--sans); letter-spacing: 0; border: 0; padding: 0; margin: 1.6em 0 .5em; }
.prose > :first-child { margin-top: 0; }
.prose ul, .prose ol { padding-left: 1.4em; }
.prose pre { background: var(--quiet); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; overflow-wrap: normal; }
.prose blockquote { border-left: 3px solid var(--line); padding-left: 1em; margin-left: 0; color: var(--soft); }
.prose img { max-width: 100%; height: auto; }
.prose table { display: block; overflow-x: auto; border-collapse: collapse; font: .9375rem/1.5 var(--sans); }
.prose th, .prose td { border-bottom: 1px solid var(--line); padding: .3rem .9rem .3rem 0; text-align: left; overflow-wrap: normal; }
article section > .prose { margin-top: .8rem; }

.files { list-style: none; padding: 0; }
.files li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .05rem 1.5rem; align-items: baseline; padding: .65rem 0; border-bottom: 1px solid var(--line); }
.files .name { font-weight: 550; }
.files .size { font-variant-numeric: tabular-nums; white-space: nowrap; }
.files .md5 { grid-column: 1 / -1; color: var(--soft); font-size: .8125rem; }
.files code { user-select: all; font-size: 1em; margin-left: .25em; }

.related { display: grid; }
.related > div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 0 1rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
.related dt { color: var(--soft); }

.side { font-size: .9375rem; display: grid; gap: 1.9rem; align-content: start; }
.side h2 { font-size: .9375rem; margin-bottom: .5rem; }
.side dt { color: var(--soft); font-size: .8125rem; }
.stack { display: grid; gap: .55rem; }
.stack code { user-select: all; font-size: .9375rem; }
.pairs { display: grid; gap: .4rem; }
.pairs > div { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .75rem; align-items: baseline; }
.versions { list-style: none; padding: 0; display: grid; gap: .3rem; margin-left: -.7rem; margin-right: -.7rem; }
.versions li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 .75rem; align-items: baseline; padding: .4rem .7rem; border-radius: 6px; }
.versions .current { background: var(--quiet); }
.versions .current .label { font-weight: 650; }
.versions time { color: var(--soft); font-size: .8125rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.versions code { grid-column: 1 / -1; color: var(--soft); font-size: .8125rem; }
.versions .tag { margin-left: .35em; }
.versions .current .tag { font-weight: 400; }

.home, .lone { padding-top: 1.2rem; }
.home > * { max-width: 54rem; }
.lead { margin-top: .5rem; color: var(--soft); }
.home .empty { margin-top: 2rem; }
.cards { list-style: none; padding: 0; margin-top: 1.8rem; border-top: 1px solid var(--line); }
.cards li { padding: 1.3rem 0; border-bottom: 1px solid var(--line); }
.cards h2 { font: 600 1.25rem/1.35 var(--serif); margin: .5rem 0 .2rem; }
.cards .names { color: var(--soft); }
.cards .doi { font: .8125rem var(--mono); color: var(--soft); margin-top: .3rem; }
.lone { padding-top: 10vh; }
.lone p { margin-top: .9rem; max-width: 42rem; }
.lone .code { font: 600 .9375rem var(--mono); color: var(--soft); margin: 0 0 .3rem; }

@media (max-width: 56rem) {
  .record { grid-template-columns: minmax(0, 1fr); }
  .side { margin-top: 2.6rem; padding-top: 2rem; border-top: 1px solid var(--line); }
}
@media (max-width: 32rem) {
  .rehearsal p, .top, .bottom, main { padding-left: 1.1rem; padding-right: 1.1rem; }
  .related > div { grid-template-columns: minmax(0, 1fr); }
}
@media print {
  :root { --paper: #fff; --ink: #000; }
}
"#;

/// Where the forms of a page may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forms {
    /// Nowhere: it has none.
    Absent,
    /// To this server.
    Own,
}

/// Returns the value of the `Content-Security-Policy` header that every page is sent with.
///
/// No script runs, nothing is fetched but images of this server, and only `STYLE` styles the page.
pub fn make_content_security_policy(forms: Forms) -> String {
    let forms = match forms {
        Forms::Absent => "'none'",
        Forms::Own => "'self'",
    };
    format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src 'self' data:; form-action {forms}; \
         base-uri 'none'; frame-ancestors 'none'",
        encode_base64(&Sha256::digest(STYLE))
    )
}

/// Encodes bytes in standard base64 with padding (RFC 4648, section 4).
fn encode_base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        // A short last chunk is filled with zero bits, and its missing digits become `=`.
        let group = group << (8 * (3 - chunk.len()));
        for digit_idx in 0..4 {
            if digit_idx > chunk.len() {
                out.push('=');
            } else {
                let digit = (group >> (18 - 6 * digit_idx)) & 63;
                out.push(char::from(ALPHABET[digit as usize]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_holds_the_vectors_of_rfc_4648() {
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in vectors {
            assert_eq!(encode_base64(plain.as_bytes()), coded);
        }
        assert_eq!(encode_base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn the_sheet_can_stand_in_a_style_element() {
        assert!(!STYLE.contains("</") && !STYLE.contains('\r'));
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }

    #[test]
    fn the_policy_lets_no_script_in() {
        let policy = make_content_security_policy(Forms::Absent);
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
    }
}
