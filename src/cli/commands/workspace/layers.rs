//! In which order members are published: what is linked to comes first.

use std::collections::{BTreeMap, BTreeSet};

/// Returns the places of members in layers: each member comes after all that it links to. Those that
/// link to each other have no such order among them, and come one by one.
pub(super) fn order_by_links(members: &[(String, BTreeSet<String>)]) -> Vec<Vec<usize>> {
    let mut layers = Vec::new();
    let mut open: Vec<usize> = (0..members.len()).collect();
    while !open.is_empty() {
        let keys: BTreeSet<&String> = open.iter().map(|at| &members[*at].0).collect();
        let is_free = |at: &usize| members[*at].1.iter().all(|key| !keys.contains(key));
        let (free, others): (Vec<usize>, Vec<usize>) = open.iter().copied().partition(is_free);
        if free.is_empty() {
            let circle = find_circle(members, &others);
            open = others.into_iter().filter(|at| !circle.contains(at)).collect();
            let mut circle: Vec<usize> = circle.into_iter().collect();
            // A collection whose parts link back comes after most of them.
            circle.sort_by_key(|at| members[*at].1.len());
            layers.extend(circle.into_iter().map(|at| vec![at]));
        } else {
            layers.push(free);
            open = others;
        }
    }
    layers
}

/// Returns members that link to each other and to no other open one.
fn find_circle(members: &[(String, BTreeSet<String>)], open: &[usize]) -> BTreeSet<usize> {
    let places: BTreeMap<&String, usize> = open.iter().map(|at| (&members[*at].0, *at)).collect();
    let mut forth: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut back: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in open {
        for linked in members[*at].1.iter().filter_map(|key| places.get(key)) {
            forth.entry(*at).or_default().push(*linked);
            back.entry(*linked).or_default().push(*at);
        }
    }
    let mut from = open.first().copied().unwrap_or_default();
    loop {
        let (reached, reaching) = (reach(&forth, from), reach(&back, from));
        // What does not lead back is nearer to the end of the links.
        match reached.difference(&reaching).next() {
            Some(nearer) => from = *nearer,
            None => return reached,
        }
    }
}

fn reach(links: &BTreeMap<usize, Vec<usize>>, from: usize) -> BTreeSet<usize> {
    let (mut reached, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(at) = waiting.pop() {
        let linked = links.get(&at).into_iter().flatten();
        waiting.extend(linked.filter(|linked| reached.insert(**linked)));
    }
    reached
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
        // What links to a circle comes after it, whatever its key.
        assert_eq!(
            order(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &["b"]), ("d", &["a"])]),
            [vec![1], vec![2], vec![0], vec![3]]
        );
        assert_eq!(
            order(&[("a", &["b", "c"]), ("b", &["a"]), ("c", &["a"])]),
            [vec![1], vec![2], vec![0]]
        );
    }
}
