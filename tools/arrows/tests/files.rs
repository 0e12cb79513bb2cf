// SPDX-License-Identifier: Apache-2.0

//! Every source file names its licence in its first lines, and none depends on one machine.

use std::{
    fs,
    path::{Path, PathBuf},
};

const LICENCE: &str = "SPDX-License-Identifier: Apache-2.0";

/// Folders that hold nothing written here.
const SKIPPED: &[&str] = &[".git", "node_modules", "target"];

/// Folders whose files are code without an extension.
const SCRIPTS: &[&str] = &["scripts", ".ci"];

/// Extensions of code that people of the project write.
const CODE: &[&str] = &["rs", "sh", "js", "mjs", "ts"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the folder exists")
}

/// All files below `folder` that were written here.
fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_symlink() || SKIPPED.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The project's text files: path below the root, and content.
fn texts() -> Vec<(PathBuf, String)> {
    let root = root();
    let mut files = Vec::new();
    files_below(&root, &mut files);
    files
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            Some((path.strip_prefix(&root).ok()?.to_path_buf(), text))
        })
        .collect()
}

/// Whether this is code that has to name its licence.
fn is_code(path: &Path) -> bool {
    match path.extension() {
        Some(extension) => CODE.iter().any(|known| extension == *known),
        None => SCRIPTS.iter().any(|folder| path.starts_with(folder)),
    }
}

#[test]
fn every_source_file_names_its_licence() {
    let without: Vec<_> = texts()
        .into_iter()
        .filter(|(path, text)| is_code(path) && !text.lines().take(2).any(|l| l.contains(LICENCE)))
        .map(|(path, _)| path)
        .collect();
    assert!(without.is_empty(), "begin these files with `{LICENCE}`: {without:?}");
}

#[test]
fn no_file_names_a_folder_of_one_machine() {
    // In two parts, or this very file would be found.
    let folders = [["/ro", "ot/"].concat(), ["/ho", "me/"].concat(), ["/Us", "ers/"].concat()];
    let with: Vec<_> = texts()
        .into_iter()
        .filter(|(_, text)| folders.iter().any(|folder| text.contains(folder.as_str())))
        .map(|(path, _)| path)
        .collect();
    assert!(with.is_empty(), "these files name somebody's own folder: {with:?}");
}
