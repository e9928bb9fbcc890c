//! Hashing passwords beside the threads that serve requests.

use std::sync::LazyLock;
use std::thread;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::domain::password::HashingFailed;
use crate::domain::{Password, PasswordHash};

/// One permit for each core: more hashes at once would each take longer, and more memory.
static CORES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(thread::available_parallelism().map_or(1, usize::from)));

/// Hashes on a blocking thread. As many hashes run at once as there are cores, and the others wait.
///
/// # Errors
/// As [`Password::hash`].
///
/// # Panics
/// If the hash does.
pub async fn hash(password: Password) -> Result<PasswordHash, HashingFailed> {
    let core = CORES.acquire().await.expect("nobody closes the semaphore");
    let hashing = spawn_blocking(move || {
        let hash = password.hash();
        // Not before: the hash of a request that was cancelled runs to its end.
        drop(core);
        hash
    });
    hashing.await.expect("hashing does not panic")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::password::kept_memory;

    #[tokio::test(flavor = "multi_thread")]
    async fn many_at_once_use_the_memory_of_as_many_as_there_are_cores() {
        let hash_one = || hash(Password::parse("correct horse").unwrap());
        let hashing: Vec<_> = (0..50).map(|_| tokio::spawn(hash_one())).collect();
        for hash in hashing {
            hash.await.unwrap().unwrap();
        }
        let cores = thread::available_parallelism().unwrap().get();
        // The tests of `Password` hash in this process too, each on a thread of its own.
        let kept = kept_memory();
        assert!((1..=2 * cores + 4).contains(&kept), "{kept} pieces of memory on {cores} cores");
    }
}
