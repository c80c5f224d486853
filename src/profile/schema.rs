//! Compiles a profile that was measured.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value as Json;

use super::bounds::PATTERN_BYTES;
use super::words::shorten;

/// Compiles a schema without a network. Patterns have the engine whose time is linear.
///
/// # Errors
/// Why it is not a valid schema.
pub(super) fn compile_schema(schema: &Json) -> Result<Validator, String> {
    let patterns =
        PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(4 * PATTERN_BYTES);
    jsonschema::options()
        .offline()
        .with_pattern_options(patterns)
        // What is embedded in a text is nothing that a curator asks of metadata.
        .should_validate_formats(false)
        .without_content_media_type_support("application/json")
        .without_content_encoding_support("base64")
        .build(schema)
        .map_err(|error| {
            let at = error.instance_path().to_string();
            format!("it is not a valid JSON schema, at `#{at}`: {}", shorten(&error.to_string()))
        })
}
