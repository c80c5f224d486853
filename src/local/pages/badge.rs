//! The badge of a DOI.

use maud::html;

use super::visible::show;

/// The width of the left half, and of a letter. Pixels.
const LABEL_WIDTH: usize = 32;
const LETTER_WIDTH: usize = 7;

/// Returns the badge of a DOI as SVG.
pub fn render_badge(doi: &str) -> String {
    let right = doi.chars().count() * LETTER_WIDTH + 10;
    let width = LABEL_WIDTH + right;
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(width) height="20" role="img"
            aria-label=(format!("DOI {doi}")) {
            rect width=(LABEL_WIDTH) height="20" fill="#555" {}
            rect x=(LABEL_WIDTH) width=(right) height="20" fill="#007ec6" {}
            g fill="#fff" font-family="sans-serif" font-size="11" text-anchor="middle" {
                text x=(LABEL_WIDTH / 2) y="14" { "DOI" }
                text x=(LABEL_WIDTH + right / 2) y="14" { (show(doi)) }
            }
        }
    };
    svg.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_doi_stays_text() {
        let badge = render_badge("10.1/<script>alert(1)</script>\"");
        assert!(badge.starts_with("<svg ") && badge.ends_with("</svg>"), "{badge}");
        assert!(!badge.contains("<script"), "{badge}");
    }
}
