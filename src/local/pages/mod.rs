//! The HTML pages of the embedded Zenodo: pure functions from views to a whole document.
//! No I/O, no clock, no routes: the server fills the views and sends the pages.

mod badge;
mod home;
mod log_in;
mod record;
mod shell;
mod size;
mod style;
mod view;
mod visible;

pub use badge::render_badge;
pub use home::render_home_page;
pub use log_in::{FORM_TOKEN, render_log_in_page};
pub use record::render_record_page;
pub use shell::render_not_found_page;
pub use style::{Forms, make_content_security_policy};
pub use view::{
    Access, FactView, FileView, HomeView, PersonView, RecordCard, RecordState, RecordView,
    RelatedView, VersionView,
};
