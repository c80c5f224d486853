//! The steps of a plan: closed sets of what is done, and why.

use crate::model::{Community, FileKey, Grantee, LinkTerms, Md5, Permission, RecordId};

use super::PlannedFile;

/// One step, numbered from 1 in the order of execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub number: usize,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
}

/// A file that a step sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    /// Its name.
    pub key: FileKey,
    /// Bytes.
    pub size: u64,
    /// What the server must say it got.
    pub md5: Md5,
}

impl From<PlannedFile> for SentFile {
    fn from(PlannedFile { key, size, md5, .. }: PlannedFile) -> Self {
        Self { key, size, md5 }
    }
}

/// What a step does about who has access to a record beside its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareAction {
    /// Gives somebody access who has none.
    AddGrant {
        /// To whom.
        grantee: Grantee,
        /// What it allows.
        permission: Permission,
    },
    /// Changes what somebody may do.
    ChangeGrant {
        /// Who.
        grantee: Grantee,
        /// What is allowed from then on.
        permission: Permission,
    },
    /// Takes somebody's access.
    RemoveGrant {
        /// Whose.
        grantee: Grantee,
    },
    /// Makes a secret link.
    CreateLink {
        /// Its name.
        name: String,
        /// What it gives.
        terms: LinkTerms,
    },
    /// Changes what a secret link gives.
    ChangeLink {
        /// Its name.
        name: String,
        /// What it gives from then on.
        terms: LinkTerms,
    },
    /// Removes a secret link.
    RemoveLink {
        /// Its name.
        name: String,
    },
    /// Says who may ask for access.
    SetRequests,
}

/// What a step does; a closed set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Creates a deposition.
    CreateDraft,
    /// Opens a draft of a new version.
    OpenVersion {
        /// The latest version.
        from: RecordId,
    },
    /// Opens a published record for new metadata.
    OpenEdit {
        /// The latest version.
        record: RecordId,
    },
    /// Continues a draft or an edit that is open.
    Resume {
        /// The draft; for an edit: the record.
        draft: RecordId,
    },
    /// Reserves the DOI that the server mints, in place of an empty one.
    ReserveDoi,
    /// Takes the files of the version before into a draft without files.
    ImportFiles,
    /// Replaces all metadata of the draft.
    ReplaceMetadata,
    /// Deletes a file that was registered in the draft and never arrived whole.
    DropFile {
        /// Its name.
        key: FileKey,
    },
    /// Deletes a file from the draft.
    DeleteFile {
        /// Its name.
        key: FileKey,
    },
    /// Sends a file that the draft does not have.
    UploadFile(SentFile),
    /// Sends several files that the draft does not have, some at a time: two or more, sorted by
    /// name.
    UploadFiles(Vec<SentFile>),
    /// Sends a file in place of the one that the draft has under its name.
    ReplaceFile(SentFile),
    /// Reads the draft back and compares every file and every field.
    ReadBack,
    /// Publishes the draft. Can't be undone.
    Publish,
    /// Waits until the record answers, and compares it once more.
    ReadRecord,
    /// Submits the draft to a community for review. Its acceptance publishes the draft, so that this
    /// can't be undone either.
    SubmitReview {
        /// Which.
        community: Community,
    },
    /// Asks a community to take the record.
    AskCommunity {
        /// Which.
        community: Community,
    },
    /// Takes the record out of a community.
    LeaveCommunity {
        /// Which.
        community: Community,
    },
    /// Changes who has access to the record.
    Share(ShareAction),
}

impl Action {
    /// Returns whether it can't be undone.
    pub fn is_irreversible(&self) -> bool {
        matches!(self, Action::Publish | Action::SubmitReview { .. })
    }

    /// Returns the symbol before it on every screen.
    pub fn symbol(&self) -> char {
        match self {
            Action::CreateDraft
            | Action::OpenVersion { .. }
            | Action::UploadFile(_)
            | Action::UploadFiles(_)
            | Action::Share(ShareAction::AddGrant { .. } | ShareAction::CreateLink { .. }) => '+',
            Action::OpenEdit { .. }
            | Action::ReserveDoi
            | Action::ImportFiles
            | Action::ReplaceMetadata
            | Action::ReplaceFile(_)
            | Action::Share(
                ShareAction::ChangeGrant { .. }
                | ShareAction::ChangeLink { .. }
                | ShareAction::SetRequests,
            ) => '~',
            Action::DropFile { .. }
            | Action::DeleteFile { .. }
            | Action::LeaveCommunity { .. }
            | Action::Share(ShareAction::RemoveGrant { .. } | ShareAction::RemoveLink { .. }) => {
                '-'
            }
            Action::Resume { .. } | Action::ReadBack | Action::ReadRecord => '=',
            Action::Publish | Action::SubmitReview { .. } => '!',
            Action::AskCommunity { .. } => '>',
        }
    }

    /// Returns the bytes that it sends as files; none when it sends no file. A plan that was read
    /// may name any sizes.
    pub fn upload_size(&self) -> Option<u64> {
        let files = self.sent_files();
        let sum = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
        (!files.is_empty()).then_some(sum)
    }

    /// Returns the files that it sends.
    pub fn sent_files(&self) -> &[SentFile] {
        match self {
            Action::UploadFile(file) | Action::ReplaceFile(file) => std::slice::from_ref(file),
            Action::UploadFiles(files) => files,
            Action::CreateDraft
            | Action::OpenVersion { .. }
            | Action::OpenEdit { .. }
            | Action::Resume { .. }
            | Action::ReserveDoi
            | Action::ImportFiles
            | Action::ReplaceMetadata
            | Action::DropFile { .. }
            | Action::DeleteFile { .. }
            | Action::ReadBack
            | Action::Publish
            | Action::ReadRecord
            | Action::SubmitReview { .. }
            | Action::AskCommunity { .. }
            | Action::LeaveCommunity { .. }
            | Action::Share(_) => &[],
        }
    }
}

/// Why a step is there; a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is bound yet.
    NothingBound,
    /// Files differ from the latest version.
    FilesDiffer,
    /// The version label differs from the latest version's.
    LabelDiffers,
    /// Only metadata differ.
    MetadataDiffer,
    /// An earlier run left it open: lock or journal name it.
    LeftOpen,
    /// Its DOI was reserved.
    Reserved,
    /// It holds nothing but what is published or planned.
    NothingForeign,
    /// `--adopt-draft` names it.
    Adopted,
    /// The manifest names the file, and the draft does not have it.
    NotOnServer,
    /// The draft has other bytes under its name.
    OtherBytes,
    /// The manifest does not name it.
    NotInManifest,
    /// It never came whole, and blocks publishing.
    NeverWhole,
    /// The draft's DOI is an empty text, and blocks publishing.
    EmptyDoi,
    /// The draft has no DOI, and a server of the records API alone may publish it without one.
    NoDoi,
    /// The draft of a new version has none: an earlier run opened it, and came no further.
    NoFiles,
    /// The draft's metadata are not those of the manifest.
    MetadataOfDraftDiffer,
    /// Nothing is published that was not compared.
    BeforePublish,
    /// The manifest wants it published.
    ManifestPublishes,
    /// Another client could have changed it in between.
    AfterPublish,
    /// The manifest names the community, or who has access.
    InManifest,
    /// A secret link ends earlier than the manifest says, and its end can't be postponed.
    EndsEarlier,
    /// A secret link has ended by what the manifest says.
    IsOver,
}
