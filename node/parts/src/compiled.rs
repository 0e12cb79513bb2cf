// SPDX-License-Identifier: Apache-2.0

//! Where the machine code of runtimes is kept.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// The folder for compiled runtimes, made if it is not there: in the user's cache, or below `base`
/// for a user who has no home.
///
/// Errors: the folder cannot be made. They name it and say what to do.
pub fn folder(base: &Path) -> Result<PathBuf, String> {
    let folder = cache_folder(
        env::var_os("XDG_CACHE_HOME").map(PathBuf::from),
        env::var_os("HOME").map(PathBuf::from),
        base,
    );
    match create_private(&folder) {
        Ok(()) => Ok(folder),
        Err(error) => Err(format!(
            "compiled runtimes cannot be kept in `{}`, so every start compiles anew: {error}. Set \
             XDG_CACHE_HOME to a folder that this user may write to.",
            folder.display(),
        )),
    }
}

/// The user's cache folder, or one beside the database of a user who has no home.
fn cache_folder(cache: Option<PathBuf>, home: Option<PathBuf>, base: &Path) -> PathBuf {
    // The specification of base directories has relative paths ignored.
    let absolute = |path: &PathBuf| path.is_absolute();
    cache
        .filter(absolute)
        .or_else(|| home.filter(absolute).map(|home| home.join(".cache")))
        .map_or_else(|| base.join("compiled"), |cache| cache.join("millrace/compiled"))
}

/// Makes a folder that nobody else may write to, because what lies in it is executed.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_code_lies_in_the_users_cache() {
        let base = Path::new("/data");
        let path = |text: &str| Some(PathBuf::from(text));
        let expect = |cache, home, folder: &str| {
            assert_eq!(cache_folder(cache, home, base), Path::new(folder));
        };
        expect(path("/cache"), path("/users/ann"), "/cache/millrace/compiled");
        expect(path("cache"), path("/users/ann"), "/users/ann/.cache/millrace/compiled");
        expect(None, path("/users/ann"), "/users/ann/.cache/millrace/compiled");
        expect(None, path(""), "/data/compiled");
        expect(None, None, "/data/compiled");
    }
}
