//! named checks on a finished plan
