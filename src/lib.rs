//! zrel publishes research outputs to Zenodo from a manifest.
//!
//! ```text
//! zenodo.toml ─── manifest ──┐
//! files, git ──── inventory ─┴─ desired ──┐
//! zenodo.lock ─── lock ───────────────────┼─ plan ── check ─┬─ render ── ui
//! server ─ api ─ wire ─ refresh ─ observed┘                 └─ apply ─┬─ api ── server
//!                                                                     ├─ journal, lock
//!                                                                     └─ event ── render
//! ```
//!
//! Start reading at `plan`. `docs/architecture.md` has the table of what may name what;
//! `tests/it/layering.rs` holds it.

pub mod adopt;
pub mod api;
pub mod apply;
pub mod check;
pub mod cli;
pub mod clock;
pub mod compare;
pub mod desired;
pub mod disk;
pub mod engine;
pub mod event;
pub mod forge;
pub mod http;
pub mod inventory;
pub mod local;
pub mod lock;
pub mod manifest;
pub mod model;
pub mod observed;
pub mod plan;
pub mod refresh;
pub mod render;
pub mod ui;
pub mod vocab;
pub mod wire;
