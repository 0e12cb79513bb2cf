// SPDX-License-Identifier: Apache-2.0

//! Who may do what: two random tokens in files that only the daemon's user can read.

use crate::routes::Access;
use std::{
    fmt, fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use subtle::ConstantTimeEq;

/// The file of the token that may do everything.
pub const FULL_FILE: &str = "token";

/// The file of the token that may look.
pub const READ_FILE: &str = "read-token";

/// Where a daemon keeps everything unless it is told otherwise: `millrace-channeld` in the user's
/// folder for data. Nothing if there is no such folder.
pub fn default_home() -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(absolute);
    let home = || std::env::var_os("HOME").map(PathBuf::from).filter(absolute);
    let data = data.or_else(|| Some(home()?.join(".local/share")))?;
    Some(data.join("millrace-channeld"))
}

/// Where a daemon that keeps everything in `home` keeps its tokens.
pub fn folder_in(home: &Path) -> PathBuf {
    home.join("api")
}

/// Where a daemon keeps its tokens unless it is told otherwise: [`folder_in`] of [`default_home`].
pub fn default_folder() -> Option<PathBuf> {
    Some(folder_in(&default_home()?))
}

/// Why a token cannot be used. Each message ends with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// A file or its folder cannot be read or made.
    #[error("cannot {doing} {} ({cause}): check that it exists, and that this user may read and write it", file.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// Others can read a token.
    #[error(
        "other users of this machine can read {} (mode {mode:03o}): delete it, so that the daemon \
         makes a new one, or run chmod 600 on it if nobody else can have read it",
        file.display()
    )]
    Open {
        /// The file.
        file: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A file holds something else than a token.
    #[error(
        "{} holds no token (64 hexadecimal digits and a line's end): delete it, so that the daemon \
         makes a new one",
        file.display()
    )]
    Malformed {
        /// The file.
        file: PathBuf,
    },
    /// Both tokens are the same.
    #[error(
        "{} and {} hold the same token: delete the second, so that the daemon makes a new one",
        full.display(),
        read.display()
    )]
    Same {
        /// The file of the token that may pay.
        full: PathBuf,
        /// The file of the token that may look.
        read: PathBuf,
    },
}

/// 32 random bytes that open the interface.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

impl Token {
    /// Reads a token from its file.
    ///
    /// Errors: [`TokenError::File`], [`TokenError::Open`], [`TokenError::Malformed`].
    pub fn read(file: &Path) -> Result<Self, TokenError> {
        let failed = |cause| TokenError::File { doing: "read", file: file.to_owned(), cause };
        let mode = fs::metadata(file).map_err(failed)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(TokenError::Open { file: file.to_owned(), mode });
        }
        let text = fs::read_to_string(file).map_err(failed)?;
        Self::parse(text.trim_end()).ok_or_else(|| TokenError::Malformed { file: file.to_owned() })
    }

    /// The token as requests carry it: 64 hexadecimal digits.
    pub fn secret(&self) -> String {
        hex::encode(self.0)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Reads a token, or makes one if the file is missing.
    fn read_or_make(file: &Path) -> Result<Self, TokenError> {
        match Self::read(file) {
            Err(TokenError::File { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {
                Self::make(file).map_err(|cause| TokenError::File {
                    doing: "make",
                    file: file.to_owned(),
                    cause,
                })?;
                // Whoever made the file, what it holds now is the token.
                Self::read(file)
            }
            read => read,
        }
    }

    /// Writes a new token, unless another process does so first. Nobody ever sees half of one.
    fn make(file: &Path) -> io::Result<()> {
        let mut bytes = [0; 40];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        let (token, name) = bytes.split_at(32);
        let draft = file.with_extension(format!("{}.new", hex::encode(name)));
        let mut open = fs::OpenOptions::new();
        let mut out = open.write(true).create_new(true).mode(0o600).open(&draft)?;
        let written = writeln!(out, "{}", hex::encode(token))
            .and_then(|()| out.sync_all())
            .and_then(|()| fs::hard_link(&draft, file));
        fs::remove_file(&draft)?;
        match written {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }
}

/// The tokens of a server.
#[derive(Clone, Debug)]
pub struct Tokens {
    full: Token,
    read: Token,
}

impl Tokens {
    /// Reads the tokens in a folder, and makes those that are missing.
    ///
    /// Errors: a token cannot be read or made, others can read it, or both are the same.
    pub fn open(folder: &Path) -> Result<Self, TokenError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|cause| {
            TokenError::File { doing: "make the folder", file: folder.to_owned(), cause }
        })?;
        let [full, read]: [PathBuf; 2] = [folder.join(FULL_FILE), folder.join(READ_FILE)];
        let tokens = Self { full: Token::read_or_make(&full)?, read: Token::read_or_make(&read)? };
        if bool::from(tokens.full.0.ct_eq(&tokens.read.0)) {
            return Err(TokenError::Same { full, read });
        }
        Ok(tokens)
    }

    /// What a header of the form `Bearer <token>` allows.
    ///
    /// The time that this takes says nothing about how much of a token was right.
    pub fn access(&self, header: &str) -> Option<Access> {
        let (scheme, text) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let given = Token::parse(text.trim())?;
        let full = given.0.ct_eq(&self.full.0);
        let read = given.0.ct_eq(&self.read.0);
        match (bool::from(full), bool::from(read)) {
            (true, _) => Some(Access::Full),
            (_, true) => Some(Access::Read),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn tokens_are_made_once_and_only_for_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("api");
        let first = Tokens::open(&folder).unwrap();
        let second = Tokens::open(&folder).unwrap();
        assert_eq!(first.full.0, second.full.0);
        assert_eq!(first.read.0, second.read.0);
        assert_ne!(first.full.0, first.read.0);
        for file in [FULL_FILE, READ_FILE] {
            let mode = fs::metadata(folder.join(file)).unwrap().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "drafts are left");
    }

    #[test]
    fn a_token_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Tokens::open(folder.path()).unwrap();
        let file = folder.path().join(READ_FILE);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let error = Tokens::open(folder.path()).unwrap_err();
        assert!(matches!(error, TokenError::Open { mode: 0o640, .. }), "{error}");
    }

    #[test]
    fn a_file_without_a_token_is_refused() {
        for text in ["", "\n", &"ab".repeat(31), &"zz".repeat(32), &"ab".repeat(33)] {
            let folder = tempfile::tempdir().unwrap();
            Tokens::open(folder.path()).unwrap();
            fs::write(folder.path().join(FULL_FILE), text).unwrap();
            let error = Tokens::open(folder.path()).unwrap_err();
            assert!(matches!(error, TokenError::Malformed { .. }), "{error}");
        }
    }

    #[test]
    fn one_token_for_both_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Tokens::open(folder.path()).unwrap();
        fs::copy(folder.path().join(FULL_FILE), folder.path().join(READ_FILE)).unwrap();
        let error = Tokens::open(folder.path()).unwrap_err();
        assert!(matches!(error, TokenError::Same { .. }), "{error}");
    }

    #[test]
    fn a_header_allows_what_its_token_allows() {
        let tokens = Tokens { full: Token([1; 32]), read: Token([2; 32]) };
        let full = Token([1; 32]).secret();
        assert_eq!(tokens.access(&format!("Bearer {full}")), Some(Access::Full));
        assert_eq!(tokens.access(&format!("bearer {}", "02".repeat(32))), Some(Access::Read));
        let cut = &full[..62];
        for header in [
            "",
            "Bearer",
            "Bearer ",
            full.as_str(),
            &format!("Basic {full}"),
            &format!("Bearer {cut}"),
            &format!("Bearer {cut}02"),
        ] {
            assert_eq!(tokens.access(header), None, "{header}");
        }
        assert!(!format!("{tokens:?}").contains("01"), "a token is shown");
    }
}
