//! Texts that are made to take long.

use std::time::{Duration, Instant};

use crate::bars::Bars;

/// Makes a text of about this many pieces.
type Make = Box<dyn Fn(usize) -> String>;

/// Texts that are made to take long: twice the text takes about twice the time, each against
/// itself in the same run.
pub(crate) fn hostile_texts(bars: &mut Bars) {
    println!("hostile texts, each against one of half its length");
    let times = |piece: &'static str| move |n: usize| piece.repeat(n) + "x";
    let texts: [(&str, &str, Make); 7] = [
        ("nested div", "a.html", Box::new(times("<div>"))),
        ("formatting left open", "a.html", Box::new(reopened)),
        (
            "attributes",
            "a.html",
            Box::new(|n| {
                format!("<p{}>", (0..n).map(|n| format!(" a{n}")).collect::<Vec<_>>().concat())
            }),
        ),
        ("nested references", "a.html", Box::new(|n| format!("&{}", "amp;".repeat(n)))),
        ("> of Markdown", "a.md", Box::new(times(">"))),
        (
            "> and lines of Markdown",
            "a.md",
            Box::new(|n| format!("{}{}", ">".repeat(n), "y\n".repeat(n))),
        ),
        (
            "lists of Markdown",
            "a.md",
            Box::new(|n| format!("{}{}", "- ".repeat(n), "y\n".repeat(n))),
        ),
    ];
    for (what, file, make) in &texts {
        linear(bars, &format!("{what}, client"), make, |text| validate(file, text));
    }
    for (what, _, make) in texts.iter().take(4) {
        linear(bars, &format!("{what}, server"), make, |text| {
            zrel::local::sanitize::clean_html(text);
        });
    }
    linear(bars, "comments, server", &times("<!-- x -->"), |text| {
        zrel::local::sanitize::clean_html(text);
    });
    linear(bars, "nested div, compared", &times("<div>"), |text| {
        let other = text.to_owned() + "y";
        assert!(!zrel::compare::is_equivalent_text(zrel::model::Field::Notes, text, &other, None));
    });
    let keywords =
        |n: usize| (0..n / 20).map(|n| format!("\"a{n}\",")).collect::<Vec<_>>().concat();
    linear(bars, "keywords", &keywords, |text| {
        manifest_with(&format!("keywords = [{text}]"), "a.html");
    });
    // As many as a manifest of 1 MiB holds; a longer one is not read.
    linear(bars, "too many keywords", &|n| keywords(n * 10), |text| {
        manifest_with(&format!("keywords = [{text}]"), "a.html");
    });
}

/// Formatting that is never closed, and that each paragraph opens again.
fn reopened(n: usize) -> String {
    let open = (0..200).map(|n| format!("<b class=a{n}>")).collect::<Vec<_>>().concat();
    format!("<p>{open}</p>{}", "<p>x</p>".repeat(n))
}

/// Reports how much longer the work on a text takes than on one of half the length.
fn linear(bars: &mut Bars, what: &str, make: &dyn Fn(usize) -> String, work: impl Fn(&str)) {
    let median = |n: usize| {
        let text = make(n);
        let mut walls: Vec<Duration> = (0..5)
            .map(|_| {
                let start = Instant::now();
                work(&text);
                start.elapsed()
            })
            .collect();
        walls.sort();
        walls[2].as_secs_f64()
    };
    let (half, whole) = (median(100_000), median(200_000));
    bars.at_most(what, whole / half.max(1e-4), 3.0, "times");
}

/// Reads a manifest whose description is in this file, as `zrel validate` does.
fn validate(file: &str, text: &str) {
    let manifest = manifest_with("", file);
    let texts = [(zrel::model::Field::Description.into(), text.to_owned())].into();
    let inputs = zrel::desired::Inputs { texts, ..Default::default() };
    let manifest = manifest.unwrap();
    let server = manifest.server().unwrap();
    // A finding is as good as a text.
    let _ = zrel::desired::build_desired(&manifest, server, inputs);
}

fn manifest_with(field: &str, file: &str) -> Option<zrel::manifest::Manifest> {
    let text = format!(
        "[metadata]\ntitle = \"A benchmark\"\nupload_type = \"dataset\"\n{field}\n\
         description = {{ file = \"{file}\" }}\ncreators = [{{ name = \"Example, Ada\" }}]\n\
         [[files]]\npath = \"a.csv\"\n"
    );
    zrel::manifest::parse(&text, jiff::civil::date(2026, 11, 28)).manifest
}
