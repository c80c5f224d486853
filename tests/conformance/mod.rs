//! One suite of checks over all calls of the client: what zrel relies on, asked of any server.
//!
//! `tests/it/server/conformance.rs` runs it against the local server, `examples/conformance.rs` against a
//! server that a person names. [`CHECKS`] has a row for each check: its needs, and the methods of
//! `ReadApi` and `WriteApi` that it calls. A check removes the drafts that it made. Deliberately
//! absent: how a server answers on a bad day, which is the topic of the fault matrix.

mod access;
mod community;
mod drafts;
mod files;
mod listings;
mod metadata;
mod published;
mod require;
mod samples;
mod sharing;
mod suite;
mod versions;

use std::fmt;
use std::pin::Pin;

pub(crate) use suite::{Options, Suite};

/// What a check ends with: why the server does not conform.
type Checked = Result<(), String>;

/// The future of a check.
type Running<'a> = Pin<Box<dyn Future<Output = Checked> + 'a>>;

/// What a check needs, beside a server and a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// That it may publish, which cannot be undone.
    Publish,
    /// A community that may be asked to include a record.
    Community,
    /// A client that writes drafts by the deposit API.
    Deposit,
}

/// A check by its name.
pub(crate) struct Check {
    /// The name of its function.
    pub(crate) name: &'static str,
    /// The methods of the client that it calls and asserts something about.
    pub(crate) calls: &'static [&'static str],
    needs: &'static [Need],
    run: for<'a> fn(&'a Suite) -> Running<'a>,
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The server conforms.
    Ok,
    /// It does not, and why.
    Failed(String),
    /// It was not run.
    Skipped(Need),
}

macro_rules! checks {
    ($($module:ident::$check:ident [$($need:ident)*] $($call:ident)*;)*) => {
        /// All checks, in the order in which they run.
        pub(crate) const CHECKS: &[Check] = &[$(Check {
            name: stringify!($check),
            calls: &[$(stringify!($call)),*],
            needs: &[$(Need::$need),*],
            run: |suite| Box::pin($module::$check(suite)),
        },)*];
    };
}

// A row: the function, its needs, and the calls that it is about. `tests/it/server/conformance.rs` holds
// that each method of the client is in a row, and that the function calls what its row names.
checks! {
    access::check_credentials_are_accepted [] check_credentials read_signs;
    access::check_a_missing_token_is_forbidden [] check_credentials create deposition;
    access::check_a_wrong_token_is_forbidden [] check_credentials;
    access::check_unknown_ids_are_not_found []
        deposition record draft_facts put_metadata new_version;
    access::check_the_backend_is_found [] backend;

    drafts::check_a_created_draft_is_read_again [] create draft deposition find_deposition;
    drafts::check_a_stale_revision_is_refused [Deposit] put_metadata;
    drafts::check_a_discarded_draft_is_gone [] discard draft;
    drafts::check_the_records_api_has_the_draft [] full_draft draft_facts;
    drafts::check_a_doi_is_reserved_once [] reserve_doi full_draft;
    drafts::check_a_reserved_doi_is_answered [] reserve_record_doi;
    drafts::check_a_doi_that_is_there_is_kept [] reserve_doi send_doi full_draft;

    metadata::check_every_field_comes_back [Deposit] put_metadata draft;
    metadata::check_every_field_comes_back_by_the_records_api [] put_native_metadata full_draft draft;
    metadata::check_one_api_changes_nothing_of_the_other [Deposit] put_metadata put_native_metadata full_draft;
    metadata::check_dropped_values_are_named [] put_native_metadata;
    metadata::check_a_stale_revision_is_refused_by_the_records_api [] put_native_metadata;
    metadata::check_metadata_are_replaced_whole [Deposit] put_metadata;
    metadata::check_invalid_metadata_are_refused [Deposit] create put_metadata;
    metadata::check_an_unknown_id_is_refuted [] knows_vocabulary_id;
    metadata::check_grants_come_back [Deposit] grant put_metadata;

    files::check_an_upload_gives_the_md5 [Deposit] upload;
    files::check_an_upload_replaces_the_file [Deposit] upload;
    files::check_an_empty_file_is_refused [Deposit] upload;
    files::check_a_deleted_file_is_gone [] delete_file;
    files::check_a_file_name_is_kept [Deposit] upload;
    files::check_a_file_of_a_draft_is_downloaded [] download;
    files::check_a_file_in_a_folder [] register_file send_content commit_file draft_files drop_file;
    files::check_an_unfinished_file_is_listed [] register_file draft_files drop_file;

    sharing::check_a_grant_is_given_changed_and_removed []
        add_grant change_grant remove_grant access_grants;
    sharing::check_an_unknown_user_gets_no_grant [] knows_grantee add_grant find_users;
    sharing::check_a_secret_link_is_made_changed_and_removed []
        create_link change_link remove_link secret_links;
    sharing::check_who_may_ask_is_replaced [] put_access_requests access_requests;

    listings::check_a_draft_is_found_by_its_texts [] own;
    listings::check_a_draft_is_found_by_its_concept [] own discard;

    community::check_an_unknown_community_is_not_found [] community is_member;
    community::check_the_community_is_known [Community] community is_member;
    community::check_a_draft_without_a_review_is_not_submitted [Community] submit_review;
    community::check_a_community_is_chosen_to_review [Community]
        choose_review review community_slug;

    published::check_an_incomplete_draft_is_refused [Publish] publish;
    published::check_a_publication_is_read_again [Publish] publish draft;
    published::check_a_record_is_public [Publish] record;
    published::check_a_listing_has_all_of_a_record [Publish] own_records record;
    published::check_the_grants_of_a_record [Publish Deposit] grants_of;
    published::check_a_public_file_is_downloaded [Publish] download;
    published::check_an_edit_is_discarded [Publish] edit put_metadata discard;
    published::check_an_edit_is_published [Publish] edit put_metadata upload publish;
    community::check_an_unknown_community_is_refused [Publish] request_community;
    community::check_the_community_is_asked [Publish Community] request_community requests;
    community::check_a_record_that_is_not_in_it_has_left [Publish Community] leave_community;

    versions::check_the_first_version_is_the_latest [Publish] versions latest latest_of;
    versions::check_a_new_version_has_the_files [Publish] new_version;
    versions::check_files_are_taken_over_once [Publish] new_version import_files;
    versions::check_an_open_version_is_found [Publish] new_version record own discard;
    versions::check_the_second_version_is_the_latest [Publish]
        new_version delete_file publish versions latest latest_of;

    // The last one: it looks for drafts that the others left.
    listings::check_no_draft_is_left [] own;
}

/// Runs the wanted checks one after another; `report` is called after each.
pub(crate) async fn run_checks(
    suite: &Suite,
    is_wanted: &dyn Fn(&Check) -> bool,
    report: &mut dyn FnMut(&Check, &Ended),
) {
    for check in CHECKS.iter().filter(|check| is_wanted(check)) {
        report(check, &run_check(suite, check).await);
    }
}

async fn run_check(suite: &Suite, check: &Check) -> Ended {
    if let Some(missing) = check.needs.iter().find(|need| !suite.offers(**need)) {
        return Ended::Skipped(*missing);
    }
    let checked = (check.run)(suite).await;
    // Also after a failure: what a check made must not stay in the account.
    let cleaned = suite.remove_drafts().await;
    match (checked, cleaned) {
        (Ok(()), Ok(())) => Ended::Ok,
        (Err(why), Ok(())) | (Ok(()), Err(why)) => Ended::Failed(why),
        (Err(why), Err(left)) => Ended::Failed(format!("{why}; {left}")),
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Need::Publish => "needs --publish",
            Need::Community => "needs --community",
            Need::Deposit => "is about the deposit API",
        })
    }
}

impl Check {
    /// Returns the line that reports how it ended.
    pub(crate) fn write_line(&self, ended: &Ended) -> String {
        let name = self.name.trim_start_matches("check_");
        match ended {
            Ended::Ok => format!("{name}: ok"),
            Ended::Failed(why) => format!("{name} ({}): FAILED: {why}", self.calls.join(", ")),
            Ended::Skipped(need) => format!("{name}: skipped: {need}"),
        }
    }
}
