//! Identifiers of people and organisations without their address or prefix.

/// Returns an ORCID without its address, in four groups if it has 16 digits.
pub fn strip_orcid(text: &str) -> String {
    let bare = ["https://orcid.org/", "http://orcid.org/"]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text);
    let digits: Vec<char> = bare.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    if digits.len() != 16 {
        return bare.to_owned();
    }
    digits.chunks(4).map(|group| group.iter().collect()).collect::<Vec<String>>().join("-")
}

/// Returns a GND id without its address or prefix.
pub fn strip_gnd(text: &str) -> &str {
    ["gnd:", "GND:", "https://d-nb.info/gnd/", "http://d-nb.info/gnd/", "d-nb.info/gnd/"]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text)
}

/// Returns a ROR id without its address: `02feahw73`.
pub fn strip_ror(text: &str) -> &str {
    ["https://ror.org/", "http://ror.org/", "ror.org/"]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text)
}

/// Returns the sixteen digits of an ISNI.
pub fn strip_isni(text: &str) -> String {
    let bare = ["https://isni.org/isni/", "http://isni.org/isni/", "http://www.isni.org/isni/"]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text);
    bare.chars().filter(|c| !matches!(c, '-' | ' ')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_stored_bare() {
        assert_eq!(strip_orcid("https://orcid.org/0000-0002-1825-0097"), "0000-0002-1825-0097");
        assert_eq!(strip_orcid("0000000218250097"), "0000-0002-1825-0097");
        assert_eq!(strip_orcid("0000"), "0000");
        assert_eq!(strip_gnd("gnd:118540238"), "118540238");
    }
}
