//! verbs and exit codes
