//! Answers that several paths of the records API share: a page of records, a file.

use serde_json::{Value, json};

use super::answer::{Answer, Body, download_type};
use super::call::Work;
use super::search::Page;
use crate::local::serializers::links::{self, Place};
use crate::local::serializers::{file_out, native_out};
use crate::local::state::Found;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::Content;

/// Writes a page of hits.
pub(crate) fn build_record_page(
    work: &Work<'_, '_>,
    page: &Page,
    mut hits: Vec<Found<'_>>,
    address: &str,
) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let total = page.select(work.state, &mut hits);
    let view = work.view();
    let rows: Vec<Value> =
        hits.iter().map(|hit| native_out::write_record(view, *hit, form, Place::Listed)).collect();
    let link = |number: usize| {
        let mut parameters = vec![
            ("page", number.to_string()),
            ("size", page.size.to_string()),
            ("sort", page.sort_name()),
        ];
        if let Some(q) = work.call.parameter("q") {
            parameters.push(("q", q.to_owned()));
        }
        json!(links::make_page_link(&format!("{}{address}", work.call.base), &parameters))
    };
    // As recorded: a page without a neighbour lacks the link, so the last one has no `next`.
    let mut links = json!({"self": link(page.number)});
    if page.number * page.size < total {
        links["next"] = link(page.number + 1);
    }
    if page.number > 1 {
        links["prev"] = link(page.number - 1);
    }
    let body = json!({"hits": {"hits": rows, "total": total}, "links": links});
    Ok(Answer::form(200, body, form))
}

/// Answers with a file.
pub(crate) fn build_file_answer(content: Content, key: &str) -> Answer {
    let media_type = download_type(file_out::guess_mimetype(key));
    Answer::with(200, Body::File { content, key: key.to_owned(), media_type })
}
