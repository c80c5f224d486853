//! manifest entries to files with digests
