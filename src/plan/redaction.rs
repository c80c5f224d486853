//! Decides who may read a plan: one made with the owner's token can show what nobody else has seen.

use crate::model::{Field, Value};
use crate::observed::View;

use super::{Giver, Plan};

impl Plan {
    /// Returns whether everybody may read all of it: it was made without a token, or the record is
    /// open and has no open draft.
    pub fn is_for_everybody(&self) -> bool {
        let has_draft = self.base.draft.is_some() || self.stray_draft.is_some();
        // Who else has access only the record's managers see.
        let is_foreign = |giver: Option<Giver>| giver == Some(Giver::Elsewhere);
        let shows_access = self.sharing.grants.iter().any(|it| is_foreign(it.wanted.giver()))
            || self.sharing.links.iter().any(|it| is_foreign(it.wanted.giver()));
        self.view == View::Public || (self.is_open() && !has_draft && !shows_access)
    }

    /// Returns whether files and texts are open, as published and as planned.
    pub fn is_open(&self) -> bool {
        let before = self.metadata.iter().find(|change| change.field == Field::AccessRight);
        let before = before.and_then(|change| change.before.as_ref());
        // A record that is opened only now was closed, and the plan shows what it held before.
        let was_closed = before.is_some_and(|value| *value != Value::Text("open".to_owned()));
        let after = self.target.metadata.text(Field::AccessRight).unwrap_or("open");
        !was_closed && after == "open"
    }
}
