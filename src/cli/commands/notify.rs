//! `zrel notify`: tries the channels for messages, and lists them.

use std::fmt::Write;

use futures_util::future::join_all;

use crate::cli::args::notify::{Notify, NotifyCommand};
use crate::cli::channels::{Channels, Place};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::notifications::{
    describe_channel, describe_error, is_off_here, make_sender, make_test_message,
};
use crate::manifest::is_channel_name;
use crate::notify::Channel;
use crate::render::escape_text;

pub(super) fn run(context: &Context, args: &Notify) -> Result<ExitCode, Failure> {
    let channels = Channels::read()?;
    match &args.what {
        NotifyCommand::Test(args) => test(context, &channels, &args.names),
        NotifyCommand::List => {
            list(context, &channels);
            Ok(ExitCode::Done)
        }
    }
}

/// Sends a test message to each channel, and prints a line for each.
fn test(context: &Context, channels: &Channels, names: &[String]) -> Result<ExitCode, Failure> {
    if is_off_here() {
        let message = "messages are off in a pull request: its manifest may be a stranger's";
        return Err(Failure::new(ExitCode::Usage, message));
    }
    let names = choose_names(channels, names)?;
    let found: Vec<Result<Channel, Failure>> =
        names.iter().map(|name| channels.find(name)).collect();
    let (sender, message) = (make_sender(context), make_test_message(context));
    let try_one = async |channel: &Result<Channel, Failure>| match channel {
        Ok(channel) => Some(sender.send(channel, &message).await),
        Err(_) => None,
    };
    let sent = context.runtime.block_on(join_all(found.iter().map(try_one)));
    let mut code = ExitCode::Done;
    for (channel, sent) in found.iter().zip(sent) {
        match (channel, sent) {
            (Ok(channel), Some(Ok(()))) => {
                let line = format!("{}: sent\n", describe_channel(channel));
                context.terminal.print_text(&line);
            }
            (Ok(channel), Some(Err(error))) => {
                let message = format!("{}: {}", describe_channel(channel), describe_error(&error));
                let failure = Failure::new(ExitCode::Failed, message);
                let failure = error.hint().into_iter().fold(failure, Failure::hint);
                context.terminal.say_error(&failure.text());
                code = ExitCode::Failed;
            }
            (Err(failure), _) => {
                context.terminal.say_error(&failure.text());
                code = ExitCode::worst([code, failure.code]);
            }
            (Ok(_), None) => {}
        }
    }
    Ok(code)
}

fn choose_names(channels: &Channels, names: &[String]) -> Result<Vec<String>, Failure> {
    if let Some(bad) = names.iter().find(|name| !is_channel_name(name)) {
        let message = format!("`{}` is not the name of a channel", escape_text(bad));
        return Err(Failure::new(ExitCode::Usage, message));
    }
    if !names.is_empty() {
        return Ok(names.to_vec());
    }
    let all: Vec<String> = channels.list().into_iter().map(|(name, _)| name).collect();
    if all.is_empty() {
        return Err(Failure::new(ExitCode::Invalid, "no channel is configured")
            .hint("write [notify.NAME] into your config.toml, or set ZREL_NOTIFY_NAME_KIND"));
    }
    Ok(all)
}

/// Prints each channel with its kind and where it is configured, never where it goes.
fn list(context: &Context, channels: &Channels) {
    let mut lines = String::new();
    for (name, place) in channels.list() {
        let kind = match channels.find(&name) {
            Ok(channel) => channel.target.kind().to_owned(),
            Err(failure) => {
                let cause = failure.causes.first().unwrap_or(&failure.message);
                format!("unusable: {}", escape_text(cause))
            }
        };
        let place = describe_place(place);
        let _ = writeln!(lines, "{name}  {kind}  {place}");
    }
    if lines.is_empty() {
        lines.push_str("No channel is configured.\n");
    }
    context.terminal.print_text(&lines);
}

fn describe_place(place: Place) -> &'static str {
    match (place.in_config, place.in_environment) {
        (true, true) => "config.toml and environment",
        (true, false) => "config.toml",
        (false, _) => "environment",
    }
}
