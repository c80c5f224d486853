//! Members in bins with about as many bytes each.

/// Members that one job does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bin {
    /// Their keys, sorted.
    pub(super) keys: Vec<String>,
    /// How many bytes they send.
    pub(super) bytes: u64,
}

/// What a member costs beside its bytes: requests that take as long as so many bytes do.
const REQUESTS: u64 = 1 << 20;

/// Puts members, each with its bytes, into at most so many bins: the largest first, each into the
/// bin with the least. No bin is empty.
pub(super) fn fill_bins(mut members: Vec<(String, u64)>, n_bins: usize) -> Vec<Bin> {
    members.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let mut bins = vec![Bin::default(); n_bins.min(members.len())];
    for (key, bytes) in members {
        let weigh = |bin: &&mut Bin| {
            let requests = REQUESTS.saturating_mul(bin.keys.len() as u64);
            bin.bytes.saturating_add(requests)
        };
        if let Some(lightest) = bins.iter_mut().min_by_key(weigh) {
            lightest.keys.push(key);
            lightest.bytes = lightest.bytes.saturating_add(bytes);
        }
    }
    for bin in &mut bins {
        bin.keys.sort();
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(members: &[(&str, u64)], n_bins: usize) -> Vec<(String, u64)> {
        let members = members.iter().map(|(key, bytes)| ((*key).to_owned(), *bytes)).collect();
        let bins = fill_bins(members, n_bins);
        bins.into_iter().map(|bin| (bin.keys.join(" "), bin.bytes)).collect()
    }

    #[test]
    fn bins_have_about_as_many_bytes_each_and_none_is_empty() {
        assert!(fill(&[], 3).is_empty());
        assert_eq!(fill(&[("a", 5)], 3), [("a".to_owned(), 5)]);
        let gib = 1 << 30;
        let members = [("a", 5 * gib), ("b", 3 * gib), ("c", 3 * gib), ("d", 2 * gib)];
        assert_eq!(fill(&members, 2), [("a d".to_owned(), 7 * gib), ("b c".to_owned(), 6 * gib)]);
        // Members without bytes are spread as well.
        let small = [("a", 0), ("b", 0), ("c", 0), ("d", 0)];
        assert_eq!(fill(&small, 2), [("a c".to_owned(), 0), ("b d".to_owned(), 0)]);
    }
}
