//! zrel publishes research outputs to Zenodo from a manifest.
//!
//! The program is `zrel`; this is the library under it. [`engine`] does what the program does:
//! load a project, plan it, apply the plan, and see that nothing is left to do. Here on the embedded
//! Zenodo, which needs no account:
//!
//! ```
//! use zrel::engine::{EngineError, Project, ProjectOptions, Release, Session};
//! use zrel::plan::PlanFlags;
//! use zrel::render::render_plan_summary;
//!
//! const MANIFEST: &str = r#"
//! server = "local"
//! metadata.title = "Rings in a glass of tea"
//! metadata.upload_type = "dataset"
//! metadata.description = "One measurement an hour."
//! metadata.creators = [{ name = "Example, Ada" }]
//! files = [{ path = "rings.csv" }]
//! "#;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("zenodo.toml"), MANIFEST)?;
//! std::fs::write(folder.path().join("rings.csv"), "hour,radius\n1,22\n")?;
//!
//! let project = Project::load(ProjectOptions::new(folder.path()))?;
//! let session = Session::connect(&project, None).await?;
//! let flags = PlanFlags { initial: true, ..PlanFlags::default() };
//! let planned = project.plan(&session, flags.clone()).await?;
//! println!("{}", render_plan_summary(planned.checked()));
//!
//! let applied = Release::new(&project, &session).apply_planned(planned).await?;
//! let doi = applied.record.and_then(|record| record.doi);
//! assert!(doi.is_some_and(|doi| doi.as_str().starts_with("10.5072/")));
//! assert!(project.plan(&session, flags).await?.plan().is_empty());
//! session.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! What is stable: [`engine`], and what its functions take and return of [`model`], [`plan`],
//! [`check`], [`observed`] and [`apply`], within the versions 0.x.y of one x. Everything else is for
//! the program and its tests, is left out of these pages, and may change at any time.
//!
//! ```text
//! zenodo.toml ─── manifest ──┐
//! files, git ──── inventory ─┴─ desired ──┐
//! zenodo.lock ─── lock ───────────────────┼─ plan ── check ─┬─ render ── terminal
//! server ─ api ─ wire ─ refresh ─ observed┘                 └─ apply ─┬─ api ── server
//!                                                                     ├─ journal, lock
//!                                                                     └─ event ── render
//! ```
//!
//! To read the source, start at `engine`, then `plan`. `docs/architecture.md` has the table of what
//! may name what; `tests/it/source/layering.rs` holds it.

#[doc(hidden)]
pub mod api;
pub mod apply;
pub mod check;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod clock;
#[doc(hidden)]
pub mod compare;
#[doc(hidden)]
pub mod credential;
#[doc(hidden)]
pub mod desired;
#[doc(hidden)]
pub mod disk;
pub mod engine;
#[doc(hidden)]
pub mod event;
#[doc(hidden)]
pub mod forge;
#[doc(hidden)]
pub mod http;
#[doc(hidden)]
pub mod interop;
#[doc(hidden)]
pub mod inventory;
#[doc(hidden)]
pub mod local;
#[doc(hidden)]
pub mod lock;
#[doc(hidden)]
pub mod manifest;
#[doc(hidden)]
pub mod metadata_json;
pub mod model;
pub mod notify;
pub mod observed;
pub mod plan;
#[doc(hidden)]
pub mod profile;
#[doc(hidden)]
pub mod refresh;
pub mod render;
#[doc(hidden)]
pub mod scheduler;
#[doc(hidden)]
pub mod terminal;
#[doc(hidden)]
pub mod toml_text;
#[doc(hidden)]
pub mod vocab;
#[doc(hidden)]
pub mod wire;
#[doc(hidden)]
pub mod write_back;
