//! Hashes passwords on threads that do not serve requests.

use std::sync::{Arc, LazyLock};
use std::thread;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::domain::password::HashingFailed;
use crate::domain::{Password, PasswordHash};

/// One permit per core. More hashes at once would only take longer and need more memory.
static CORES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(thread::available_parallelism().map_or(1, usize::from)));

/// Hashes a password.
///
/// # Errors
/// As [`Password::hash`].
///
/// # Panics
/// If hashing panics.
pub async fn hash(password: Password) -> Result<PasswordHash, HashingFailed> {
    on_core(move || password.hash()).await
}

/// Whether `password` is the password of `hash`.
///
/// # Errors
/// As [`Password::matches`].
///
/// # Panics
/// If hashing panics.
pub async fn matches(password: Arc<Password>, hash: PasswordHash) -> Result<bool, HashingFailed> {
    on_core(move || password.matches(&hash)).await
}

/// Runs argon2 on a blocking thread. At most one hash per core runs at a time; the others wait.
async fn on_core<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let core = CORES.acquire().await.expect("the semaphore is never closed");
    let hashing = spawn_blocking(move || {
        let done = work();
        // Only now, because the hash of a cancelled request still runs to its end.
        drop(core);
        done
    });
    hashing.await.expect("hashing does not panic")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::password::kept_memory;

    #[tokio::test(flavor = "multi_thread")]
    async fn concurrent_hashes_use_memory_for_one_hash_per_core() {
        let hash_one = || hash(Password::parse("correct horse").unwrap());
        let hashing: Vec<_> = (0..50).map(|_| tokio::spawn(hash_one())).collect();
        for hash in hashing {
            hash.await.unwrap().unwrap();
        }
        let cores = thread::available_parallelism().unwrap().get();
        // The tests of `Password` also hash in this process, each on its own thread.
        let kept = kept_memory();
        assert!((1..=2 * cores + 4).contains(&kept), "{kept} pieces of memory on {cores} cores");
    }
}
