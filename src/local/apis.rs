//! Which APIs a server has.

/// Which APIs a server has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Apis {
    /// Those of Zenodo: the deposit API, and the records API.
    #[default]
    Zenodo,
    /// The records API alone, as other InvenioRDM servers have it. Ids are texts such as
    /// `k7r11-g5g77`, and DOIs have nothing before them.
    Records,
}

impl Apis {
    /// Returns whether a path belongs to an API that this server does not have.
    pub(crate) fn lacks(self, path: &[String]) -> bool {
        let of_deposit = |part: &String| matches!(part.as_str(), "deposit" | "files" | "licenses");
        self == Self::Records
            && path.first().is_some_and(|part| part == "api")
            && path.get(1).is_some_and(of_deposit)
    }
}
