//! The `zrel` program.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(zrel::cli::main().number())
}
