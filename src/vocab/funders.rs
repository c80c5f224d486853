//! Funders, which the deposit API names by a DOI and the records API by a ROR id.

/// A DOI and the ROR id of the same funder. Where a funder has several DOIs, its grants come back
/// under the first.
///
/// Source: contract/scenarios/deposit-texts-of-other-times.json, 2026-11-28, and the tables of
/// zenodo-rdm, read then.
const FUNDERS: [(&str, &str); 24] = [
    ("10.13039/501100000780", "00k4n6c32"),
    ("10.13039/501100000024", "00k4n6c32"),
    ("10.13039/501100001665", "00rbzpz17"),
    ("10.13039/501100002341", "05k73zm37"),
    ("10.13039/501100000923", "05mmh0f86"),
    ("10.13039/100018231", "01gavpb45"),
    ("10.13039/501100000806", "02k4b9v70"),
    ("10.13039/501100001871", "00snfqn58"),
    ("10.13039/501100002428", "013tf3c58"),
    ("10.13039/501100004488", "03n51vw80"),
    ("10.13039/501100004564", "01znas443"),
    ("10.13039/501100000925", "011kf5r70"),
    ("10.13039/100000002", "01cwqze88"),
    ("10.13039/501100000038", "01h531d29"),
    ("10.13039/100000001", "021nxhr62"),
    ("10.13039/501100003246", "04jsz6e67"),
    ("10.13039/501100000690", "001aqnf71"),
    ("10.13039/100014013", "001aqnf71"),
    ("10.13039/501100001602", "0271asj38"),
    ("10.13039/501100001711", "00yjd3n13"),
    ("10.13039/100001345", "006cvnv84"),
    ("10.13039/501100004410", "04w9kkr77"),
    ("10.13039/100004440", "029chgv08"),
    ("10.13039/501100006364", "03m8vkq32"),
];

/// Returns the DOI under which the deposit API names the funder of a ROR id.
pub fn find_funder_doi(ror: &str) -> Option<&'static str> {
    FUNDERS.iter().find(|(_, known)| *known == ror).map(|(doi, _)| *doi)
}

/// Returns the ROR id of the funder that a DOI names.
pub fn find_funder_ror(doi: &str) -> Option<&'static str> {
    FUNDERS.iter().find(|(known, _)| *known == doi).map(|(_, ror)| *ror)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_funder_is_found_both_ways() {
        assert_eq!(find_funder_doi("00k4n6c32"), Some("10.13039/501100000780"));
        assert_eq!(find_funder_ror("10.13039/501100000024"), Some("00k4n6c32"));
        assert_eq!(find_funder_doi("10.13039/501100000780"), None);
        assert_eq!(find_funder_ror("00k4n6c32"), None);
    }
}
