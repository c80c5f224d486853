//! JSON as the server spells it
