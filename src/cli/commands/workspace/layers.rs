//! In which order members are published: what is linked to comes first.

use std::collections::BTreeSet;

/// Returns the places of members in layers: each member comes after all that it links to. Those that
/// link to each other have no such order, and come one by one.
pub(super) fn order_by_links(members: &[(String, BTreeSet<String>)]) -> Vec<Vec<usize>> {
    let mut layers = Vec::new();
    let mut open: Vec<usize> = (0..members.len()).collect();
    while !open.is_empty() {
        let keys: BTreeSet<&String> = open.iter().map(|at| &members[*at].0).collect();
        let is_free = |at: &usize| members[*at].1.iter().all(|key| !keys.contains(key));
        let (free, others): (Vec<usize>, Vec<usize>) = open.iter().copied().partition(is_free);
        if free.is_empty() {
            layers.extend(others.iter().map(|at| vec![*at]));
            break;
        }
        layers.push(free);
        open = others;
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(members: &[(&str, &[&str])]) -> Vec<Vec<usize>> {
        let own = |text: &&str| (*text).to_owned();
        let members: Vec<(String, BTreeSet<String>)> = members
            .iter()
            .map(|(key, links)| (own(key), links.iter().map(own).collect()))
            .collect();
        order_by_links(&members)
    }

    #[test]
    fn a_member_comes_after_all_that_it_links_to() {
        assert_eq!(order(&[]), Vec::<Vec<usize>>::new());
        // What is linked to and not applied here has its order already.
        assert_eq!(order(&[("a", &["x"]), ("b", &[])]), [vec![0, 1]]);
        assert_eq!(
            order(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[]), ("d", &[])]),
            [vec![2, 3], vec![1], vec![0]]
        );
    }

    #[test]
    fn members_that_link_to_each_other_come_one_by_one() {
        assert_eq!(
            order(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"]), ("d", &[])]),
            [vec![3], vec![0], vec![1], vec![2]]
        );
    }
}
