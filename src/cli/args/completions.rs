//! The arguments of `zrel completions` and `zrel man`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// How a shell finds the script.
const INSTALL: &str = "\
Write the script where your shell looks for it:
  bash        zrel completions bash > ~/.local/share/bash-completion/completions/zrel
  zsh         zrel completions zsh > ~/.zfunc/_zrel
              and in ~/.zshrc, before compinit: fpath+=~/.zfunc
  fish        zrel completions fish > ~/.config/fish/completions/zrel.fish
  powershell  zrel completions powershell >> $PROFILE
  elvish      zrel completions elvish >> ~/.config/elvish/rc.elv
The folder must exist; a new shell then completes zrel.";

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = INSTALL)]
pub(in crate::cli) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(in crate::cli) shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Man {
    /// The folder for the pages; created if it does not exist.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) into: PathBuf,
}
