//! Files of a draft: by the bucket of the deposit API, and by the records API for names with a
//! slash.

use zrel::api::ReadApi;
use zrel::model::{FileKey, RecordId};
use zrel::observed::DraftFile;

use super::Checked;
use super::require::{
    InWords, require, require_equal, require_files, require_not_found, require_refused,
};
use super::suite::{CONTENT, KEY, Received, Suite, compute_md5, make_file};

/// Another content, of another length.
const OTHER: &[u8] = b"hour,radius\n1,22\n";

pub(super) async fn check_an_upload_gives_the_md5(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft with a file").await?;
    let (file, size) = make_file(CONTENT)?;
    let key = FileKey::from_server(KEY);
    let md5 = suite.api.upload(&draft.bucket, &key, file, size, &|_| {}).await.in_words()?;
    require_equal("the server's MD5", &md5, &Some(compute_md5(CONTENT)))?;
    let read = suite.api.read().draft(draft.id).await.in_words()?;
    require_files(&read.files, &[(KEY, CONTENT)])?;
    require(read.files.iter().all(|file| file.id.is_some()), "the file has no id")
}

pub(super) async fn check_an_upload_replaces_the_file(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft with a replaced file").await?;
    suite.send_file(&draft, KEY, CONTENT).await?;
    let (file, size) = make_file(OTHER)?;
    let key = FileKey::from_server(KEY);
    let md5 = suite.api.upload(&draft.bucket, &key, file, size, &|_| {}).await.in_words()?;
    require_equal("the server's MD5", &md5, &Some(compute_md5(OTHER)))?;
    let read = suite.api.read().draft(draft.id).await.in_words()?;
    require_files(&read.files, &[(KEY, OTHER)])
}

pub(super) async fn check_an_empty_file_is_refused(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft without files").await?;
    let (file, size) = make_file(b"")?;
    let key = FileKey::from_server(KEY);
    let sent = suite.api.upload(&draft.bucket, &key, file, size, &|_| {}).await;
    require_refused("an empty file", sent, "")?;
    let read = suite.api.read().draft(draft.id).await.in_words()?;
    require_files(&read.files, &[])
}

pub(super) async fn check_a_deleted_file_is_gone(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft with a deleted file").await?;
    suite.send_file(&draft, KEY, CONTENT).await?;
    suite.send_file(&draft, "other.csv", OTHER).await?;
    let read = suite.api.read().draft(draft.id).await.in_words()?;
    require_files(&read.files, &[(KEY, CONTENT), ("other.csv", OTHER)])?;
    let file = read.files.iter().find(|file| file.key.as_str() == KEY).ok_or("no file")?;
    suite.delete_file(&draft, file).await?;
    let read = suite.api.read().draft(draft.id).await.in_words()?;
    require_files(&read.files, &[("other.csv", OTHER)])?;
    let again = match &file.id {
        Some(id) => suite.api.delete_file(draft.id, id).await,
        None => suite.api.drop_file(draft.id, &file.key).await,
    };
    require_not_found("deleting a file again", again)
}

pub(super) async fn check_a_file_name_is_kept(suite: &Suite) -> Checked {
    const NAME: &str = "mes données (v2).csv";
    let draft = suite.create_draft("Draft with a long name").await?;
    let (file, size) = make_file(CONTENT)?;
    let key = FileKey::from_server(NAME);
    suite.api.upload(&draft.bucket, &key, file, size, &|_| {}).await.in_words()?;
    let read = suite.api.read().draft(draft.id).await.in_words()?;
    require_files(&read.files, &[(NAME, CONTENT)])
}

pub(super) async fn check_a_file_of_a_draft_is_downloaded(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft to download").await?;
    suite.send_file(&draft, KEY, CONTENT).await?;
    let key = FileKey::from_server(KEY);
    let mut whole = Received(Vec::new());
    suite.api.read().download(draft.id, true, &key, &mut whole).await.in_words()?;
    require_equal("the bytes", &whole.0.as_slice(), &CONTENT)?;
    // As after a break: the rest is asked for, and a server without ranges sends all of it.
    let mut rest = Received(CONTENT[..5].to_vec());
    suite.api.read().download(draft.id, true, &key, &mut rest).await.in_words()?;
    require_equal("the bytes after a break", &rest.0.as_slice(), &CONTENT)?;
    let missing = FileKey::from_server("no-such-file.csv");
    let missing = suite.api.read().download(draft.id, true, &missing, &mut whole).await;
    require_not_found("downloading an unknown file", missing)
}

pub(super) async fn check_a_file_in_a_folder(suite: &Suite) -> Checked {
    const NAME: &str = "sub/dir/data.csv";
    let draft = suite.create_draft("Draft with a folder").await?;
    let (id, key) = (draft.id, FileKey::from_server(NAME));
    suite.api.register_file(id, &key).await.in_words()?;
    let sent = compute_md5(CONTENT);
    suite.api.send_content(id, &key, make_file(CONTENT)?, &|_| {}).await.in_words()?;
    // Twice, since zrel repeats the call after a lost answer.
    for _ in 0..2 {
        let md5 = suite.api.commit_file(id, &key).await.in_words()?;
        require_equal("the server's MD5", &md5, &Some(sent))?;
    }
    let again = suite.api.register_file(id, &key).await;
    require_refused("registering a file again", again, "")?;
    let listed = suite.api.read().draft_files(id).await.in_words()?;
    let whole = DraftFile { key: key.clone(), is_committed: true, md5: Some(sent) };
    require_equal("the files by the records API", &listed, &vec![whole])?;
    let read = suite.api.read().draft(id).await.in_words()?;
    require_files(&read.files, &[(NAME, CONTENT)])?;
    suite.api.drop_file(id, &key).await.in_words()?;
    require_no_files(suite.api.read(), id).await
}

pub(super) async fn check_an_unfinished_file_is_listed(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft with an unfinished file").await?;
    let (id, key) = (draft.id, FileKey::from_server(KEY));
    suite.api.register_file(id, &key).await.in_words()?;
    let listed = suite.api.read().draft_files(id).await.in_words()?;
    let unfinished = DraftFile { key: key.clone(), is_committed: false, md5: None };
    require_equal("the files by the records API", &listed, &vec![unfinished])?;
    suite.api.drop_file(id, &key).await.in_words()?;
    require_not_found("deleting a file again", suite.api.drop_file(id, &key).await)?;
    require_no_files(suite.api.read(), id).await
}

/// Demands that a draft has no files by either API.
async fn require_no_files(read: &ReadApi, id: RecordId) -> Checked {
    let listed = read.draft_files(id).await.in_words()?;
    require_equal("the files after the delete", &listed, &Vec::new())?;
    require_files(&read.draft(id).await.in_words()?.files, &[])
}
