//! Access tokens between runs: one file for each account, in the user's cache directory.
//!
//! A vendor may allow a login only after the last token has expired. Without the files, each run would log in. A failure
//! here never fails a call: a login follows.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{ClientOptions, Clock as _, Secret, SystemClock, Timestamp, Token, TokenStore};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::failure::io_words;
use crate::files;
use crate::messages::text;
use crate::output;

/// Names another directory, or disables the files.
const VARIABLE: &str = "KYC_TOKEN_CACHE";

const DISABLED: &str = "off";

/// The maximum size of a file. Tokens are much smaller.
const MAX_BYTES: u64 = 64 * 1024;

/// Returns the options of a client that calls a vendor, or a sandbox outside this program.
pub(crate) fn client_options() -> ClientOptions {
    let options = ClientOptions::default();
    match TokenFiles::open() {
        Some(files) => options.token_store(files),
        None => options,
    }
}

/// How long a run waits for the login of another run.
const MAX_WAIT: Duration = Duration::from_secs(10);

const LOCK_INTERVAL: Duration = Duration::from_millis(50);

#[derive(Debug)]
struct TokenFiles {
    directory: PathBuf,
    /// The lock of a login in progress, so that runs at the same time log in once. The system releases it when the run ends.
    lock: Mutex<Option<File>>,
}

#[derive(Serialize, Deserialize)]
struct Content<T> {
    token: T,
    /// In seconds of Unix time, as is `expires`.
    obtained: i64,
    expires: i64,
}

impl TokenFiles {
    fn open() -> Option<Self> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let is_named = variable(VARIABLE).is_some();
        let directory = directory(variable)?;
        match check_directory(&directory) {
            Err(why) if is_named => {
                let why = format!("{} {why}", files::shown(&directory));
                output::note(&(text().errors.token_cache)(VARIABLE, &why));
                None
            }
            Err(_) => None,
            Ok(()) => Some(Self { directory, lock: Mutex::default() }),
        }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.directory.join(name_of(key))
    }

    /// Waits until no other run logs in with this account, and prevents others from doing so. After [`MAX_WAIT`] it gives
    /// up: the other run may hang.
    async fn lock(&self, key: &str) -> Option<()> {
        if self.held().is_some() {
            return Some(());
        }
        create_directory(&self.directory).ok()?;
        check_directory(&self.directory).ok()?;
        let path = self.directory.join(format!(".{}.lock", name_of(key)));
        let file = match files::create_new_private(&path) {
            Ok(file) => file,
            Err(_) if fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) => {
                File::open(&path).ok()?
            }
            Err(_) => return None,
        };
        let attempts = MAX_WAIT.as_millis() / LOCK_INTERVAL.as_millis();
        for _ in 0..attempts {
            match file.try_lock() {
                Ok(()) => {
                    *self.held() = Some(file);
                    return Some(());
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_INTERVAL).await,
                Err(TryLockError::Error(_)) => return None,
            }
        }
        None
    }

    fn unlock(&self) {
        *self.held() = None;
    }

    fn held(&self) -> MutexGuard<'_, Option<File>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, key: &str) -> Option<Token> {
        let path = self.path(key);
        // Not through a link, and never from a pipe, which could block.
        if !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        let file = File::open(&path).ok()?;
        self.check_file(&file)?;
        if file.metadata().ok()?.len() > MAX_BYTES {
            return None;
        }
        let mut text = String::new();
        file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
        let text = Secret::new(text);
        let content: Content<Secret<String>> = serde_json::from_str(text.expose()).ok()?;
        let [obtained, expires] = [content.obtained, content.expires].map(Timestamp::from_unix_seconds);
        let token = Token::new(content.token, obtained?, expires?);
        (token.expires() > SystemClock.now()).then_some(token)
    }

    /// Accepts only a file that nobody but this user can read or have written.
    #[cfg(unix)]
    fn check_file(&self, file: &File) -> Option<()> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = file.metadata().ok()?;
        let is_private = metadata.is_file() && metadata.mode() & 0o077 == 0;
        let is_own = || self.own_user().is_ok_and(|user| user == metadata.uid());
        (is_private && is_own()).then_some(())
    }

    /// On other systems the cache directory is in the user's profile, which protects it.
    #[cfg(not(unix))]
    fn check_file(&self, file: &File) -> Option<()> {
        file.metadata().ok()?.is_file().then_some(())
    }

    /// Returns the user of this process: the owner of a file that it creates.
    #[cfg(unix)]
    fn own_user(&self) -> io::Result<u32> {
        use std::os::unix::fs::MetadataExt as _;
        let path = self.part("owner");
        let owner = files::create_private(&path).and_then(|file| file.metadata());
        let _ = fs::remove_file(&path);
        owner.map(|metadata| metadata.uid())
    }

    /// Returns the path of a temporary file of this process.
    fn part(&self, name: &str) -> PathBuf {
        self.directory.join(format!(".{name}.{}.part", std::process::id()))
    }

    fn write(&self, key: &str, token: &Token) -> io::Result<()> {
        create_directory(&self.directory)?;
        check_directory(&self.directory).map_err(io::Error::other)?;
        let content = Content {
            token: token.expose(),
            obtained: token.obtained().unix_seconds(),
            expires: token.expires().unix_seconds(),
        };
        let json = Secret::new(serde_json::to_string(&content)?);
        // A rename replaces a link instead of following it.
        files::replace(&self.path(key), &self.part("token"), json.expose().as_bytes())
    }
}

#[async_trait]
impl TokenStore for TokenFiles {
    async fn load(&self, key: &str) -> Option<Token> {
        if let Some(token) = self.read(key) {
            return Some(token);
        }
        // A login follows, unless another run has just logged in.
        let _ = self.lock(key).await;
        self.read(key).inspect(|_| self.unlock())
    }

    async fn save(&self, key: &str, token: &Token) {
        // Without the file, the next run logs in.
        let _ = self.write(key, token);
        self.unlock();
    }
}

/// Returns the name of an account's file: a hash, because the key contains the account's name.
fn name_of(key: &str) -> String {
    let mut name = String::new();
    for byte in Sha256::digest(key.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// Returns the directory of the files; `None` if they are disabled, or if there is no cache directory.
fn directory(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(named) = variable(VARIABLE) {
        let is_disabled = named.to_string_lossy().trim().eq_ignore_ascii_case(DISABLED);
        return (!is_disabled).then(|| PathBuf::from(named));
    }
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return Some(folder("LOCALAPPDATA")?.join("kyc").join("cache"));
    }
    if let Some(cache) = folder("XDG_CACHE_HOME") {
        return Some(cache.join("kyc"));
    }
    let cache = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    Some(folder("HOME")?.join(cache).join("kyc"))
}

fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Refuses a directory in which other users could place files. A directory that does not exist is created later.
fn check_directory(path: &Path) -> Result<(), String> {
    let t = text();
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err((t.errors.cannot_read)(&io_words(t, error.kind()))),
    };
    if !metadata.is_dir() {
        return Err(t.errors.is_not_folder.to_owned());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if metadata.mode() & 0o022 != 0 {
            return Err(t.errors.writable_by_others.to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory_of(set: &[(&str, &str)]) -> Option<PathBuf> {
        directory(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn the_variable_names_a_directory_or_disables_the_files() {
        assert_eq!(directory_of(&[(VARIABLE, "/x"), ("HOME", "/h")]), Some(PathBuf::from("/x")));
        assert_eq!(directory_of(&[(VARIABLE, "Off"), ("HOME", "/h")]), None);
        assert_eq!(directory_of(&[]), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_default_is_the_users_cache_directory() {
        assert_eq!(directory_of(&[("HOME", "/h")]), Some(PathBuf::from("/h/.cache/kyc")));
        let set = [("HOME", "/h"), ("XDG_CACHE_HOME", "/c")];
        assert_eq!(directory_of(&set), Some(PathBuf::from("/c/kyc")));
        // The specification ignores a relative path.
        let set = [("HOME", "/h"), ("XDG_CACHE_HOME", "c")];
        assert_eq!(directory_of(&set), Some(PathBuf::from("/h/.cache/kyc")));
    }

    #[test]
    fn debug_prints_no_token() {
        let files = TokenFiles { directory: PathBuf::from("/x"), lock: Mutex::default() };
        assert!(format!("{files:?}").starts_with("TokenFiles { directory: \"/x\", lock: "));
    }
}
