//! Times as the server writes them.

/// Writes a time as the server does.
pub(crate) fn write_time(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string()
}
