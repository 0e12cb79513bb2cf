// SPDX-License-Identifier: Apache-2.0

//! What to do about errors that come from libraries and name no way out.

/// Parts of a message, and the remedy of the error they give away.
///
/// The libraries below hand over the cause as text, so text is what there is to go by.
const REMEDIES: &[(&[&str], &str)] = &[
    (
        &["Database file is in use"],
        "another process has this database open. Stop it, or give this node a folder of its own \
         with --base-path.",
    ),
    (
        &["Out of storage space", "No space left on device"],
        "free some space, move the data with --base-path, or keep less of it with --state-pruning \
         and --blocks-pruning. --db-storage-threshold sets how much must stay free.",
    ),
    (
        &["Permission denied"],
        "make the folder belong to the user who runs the node, or choose another one with \
         --base-path.",
    ),
    (
        &["Incompatible pruning modes"],
        "a database keeps the pruning mode it was created with. Start with that mode, or make a \
         new database: millrace purge-chain, then sync again.",
    ),
    (
        &["database version cannot be read", "Database version"],
        "the database was written by another version of the node. Use that version, or make a new \
         database: millrace purge-chain, then sync again.",
    ),
];

/// The remedy of the error with this message, if it is a known one.
pub fn remedy(message: &str) -> Option<&'static str> {
    REMEDIES
        .iter()
        .find(|(parts, _)| parts.iter().any(|part| message.contains(part)))
        .map(|(_, remedy)| *remedy)
}

#[cfg(test)]
mod tests {
    use super::remedy;

    #[test]
    fn a_locked_database_has_a_remedy() {
        let message = "Backend error: Database file is in use. (Resource temporarily unavailable)";
        assert!(remedy(message).is_some_and(|text| text.contains("--base-path")));
    }

    #[test]
    fn an_unknown_error_gets_no_made_up_remedy() {
        assert_eq!(remedy("something nobody has seen before"), None);
    }
}
