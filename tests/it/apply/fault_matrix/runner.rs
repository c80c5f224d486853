//! What runs the commands of a cell: the program, or the engine in this process.

use zrel::model::RecordId;
use zrel::plan::PlanFlags;

use crate::support::in_process::{self, Orders};
use crate::support::world::{Ran, World};

/// What runs the commands of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// The program, a process for each command.
    Program,
    /// The engine, in this process.
    Engine,
}

impl Runner {
    /// Applies.
    pub(crate) fn apply(self, world: &World, flags: PlanFlags) -> Ran {
        match self {
            Runner::Program => {
                let args = apply_args(&flags);
                world.zrel(&args.iter().map(String::as_str).collect::<Vec<_>>())
            }
            Runner::Engine => in_process::apply(world, &Orders { flags, ..Orders::default() }),
        }
    }

    /// Plans.
    pub(crate) fn plan(self, world: &World) -> Ran {
        match self {
            Runner::Program => world.zrel(&["plan", "--detailed-exitcode"]),
            Runner::Engine => in_process::plan(world),
        }
    }
}

/// Returns the command line of an apply with those flags that the matrix gives.
pub(crate) fn apply_args(flags: &PlanFlags) -> Vec<String> {
    let PlanFlags { initial, adopt_draft, over, leave, .. } = flags;
    let of_id = |flag: &str, id: RecordId| [flag.to_owned(), id.to_string()];
    let mut args = vec!["apply".to_owned(), "--auto-approve".to_owned()];
    args.extend(initial.then(|| "--initial".to_owned()));
    args.extend(adopt_draft.iter().flat_map(|id| of_id("--adopt-draft", *id)));
    args.extend(over.iter().flat_map(|id| of_id("--over", *id)));
    args.extend(leave.iter().flat_map(|slug| ["--leave".to_owned(), slug.0.clone()]));
    args
}
