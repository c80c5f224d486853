//! What receives the events of an apply: a terminal, a document, a workflow, each a [`Sink`].

use crate::apply::Applied;
use crate::check::Checked;
use crate::event::Event;
use crate::plan::Plan;

use super::notice::Notice;

/// Receives the events of an apply. Every method does nothing by default, and none decides
/// anything.
pub trait Sink: Sync {
    /// A plan was made, and nothing was sent yet; it may be blocked, or have nothing to do.
    fn planned(&self, checked: &Checked) {
        let _ = checked;
    }

    /// A plan begins to be applied; called again after a lost answer.
    fn begin(&self, plan: &Plan) {
        let _ = plan;
    }

    /// Something happened in a step.
    fn event(&self, event: &Event, plan: &Plan) {
        let _ = (event, plan);
    }

    /// The steps ended, done or not.
    fn end(&self) {}

    /// Something happened beside the steps.
    fn notice(&self, notice: &Notice) {
        let _ = notice;
    }

    /// The apply succeeded with this result.
    fn applied(&self, applied: &Applied, plan: &Plan) {
        let _ = (applied, plan);
    }
}

/// Ignores every event.
impl Sink for () {}

/// Passes every event to each sink of a list.
impl Sink for &[&dyn Sink] {
    fn planned(&self, checked: &Checked) {
        for sink in *self {
            sink.planned(checked);
        }
    }

    fn begin(&self, plan: &Plan) {
        for sink in *self {
            sink.begin(plan);
        }
    }

    fn event(&self, event: &Event, plan: &Plan) {
        for sink in *self {
            sink.event(event, plan);
        }
    }

    fn end(&self) {
        for sink in *self {
            sink.end();
        }
    }

    fn notice(&self, notice: &Notice) {
        for sink in *self {
            sink.notice(notice);
        }
    }

    fn applied(&self, applied: &Applied, plan: &Plan) {
        for sink in *self {
            sink.applied(applied, plan);
        }
    }
}
