//! What must not be among the requests of a run, whatever goes wrong.

use crate::support::world::Request;

/// Finds a write that was repeated before looking, or a file that was sent again for nothing.
pub(crate) fn fault_in(requests: &[Request]) -> Option<String> {
    for (at, request) in requests.iter().enumerate() {
        if !is_to_be_looked_after(request) {
            continue;
        }
        let later = requests[at + 1..].iter();
        let until_look = later.take_while(|later| later.method != "GET");
        if until_look.clone().any(|later| is_same(later, request)) && request.status != 429 {
            return Some(format!("{} {} was repeated before a look", request.method, request.path));
        }
    }
    None
}

/// Finds content that was sent to a file that was committed and not deleted since: the server would
/// lose the file (contract/scenarios/native-file-content-after-commit.json, 2026-11-28).
pub(crate) fn lost_file(requests: &[Request]) -> Option<String> {
    let mut committed: Vec<String> = Vec::new();
    // The deposit API names a deleted file by an id.
    let mut deleted_in: Vec<String> = Vec::new();
    for request in requests.iter().filter(|request| request.status < 300) {
        let path = request.path.as_str();
        match request.method.as_str() {
            "POST" if path.ends_with("/draft/files") => {
                // A server registers no key that is there: what is registered now was deleted.
                let draft = path.trim_end_matches("/draft/files").rsplit('/').next().unwrap();
                if deleted_in.iter().any(|known| known == draft) {
                    committed.retain(|key| !key.starts_with(path));
                }
            }
            "POST" => committed.extend(path.strip_suffix("/commit").map(str::to_owned)),
            "DELETE" => {
                committed.retain(|key| key != path);
                let of_deposition = path.strip_prefix("/api/deposit/depositions/");
                let draft = of_deposition.and_then(|rest| rest.split_once("/files/"));
                deleted_in.extend(draft.map(|(draft, _)| draft.to_owned()));
            }
            "PUT" => {
                let Some(key) = path.strip_suffix("/content") else { continue };
                if committed.iter().any(|known| known == key) {
                    return Some(format!("content was sent to {key}, which was committed"));
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns whether a request must not be made twice without a look between. To open an edit that is
/// open, or to discard one that is gone, changes nothing.
fn is_to_be_looked_after(request: &Request) -> bool {
    let ends_with = |action: &str| request.path.ends_with(action);
    request.method == "POST"
        && (ends_with("/publish")
            || ends_with("/newversion")
            || ends_with("/depositions")
            || request.path == "/api/records")
}

fn is_same(one: &Request, other: &Request) -> bool {
    one.method == other.method && one.path == other.path
}

/// Returns whether a draft was published that could not be read at this request, from 1, and was
/// not read again.
pub(crate) fn published_unread(requests: &[Request], at: usize) -> bool {
    let later = requests.iter().skip(at);
    let is_read = |request: &&Request| {
        let path = request.path.as_str();
        request.method == "GET"
            && (path.starts_with("/api/deposit/depositions/") || path.ends_with("/draft"))
    };
    let until_read = later.take_while(|request| !is_read(request));
    let mut published = until_read.filter(|request| request.path.ends_with("/actions/publish"));
    published.next().is_some()
}

/// Finds a file that arrived complete and was sent again.
pub(crate) fn sent_again(requests: &[Request]) -> Option<String> {
    let arrived = |request: &&Request| request.uploaded().is_some() && request.status == 201;
    let uploads: Vec<&Request> = requests.iter().filter(arrived).collect();
    for (at, upload) in uploads.iter().enumerate() {
        if uploads[at + 1..].iter().any(|later| is_same(later, upload)) {
            return Some(format!("{} arrived and was sent again", upload.path));
        }
    }
    None
}
