//! Cursors: where the next page of a search begins. A client keeps a cursor and sends it back unchanged.
//!
//! A cursor is encrypted, because it contains the name or the phone of the last customer of a page and clients put it into
//! URLs. It is bound to the tenant and to the question, so no other text and no cursor of another search is accepted.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::config::{ConfigError, required};
use shared::domain::{ClientId, Invalid, Question};
use shared::store::Position;

/// The variable with the secret that the key is made of.
const VARIABLE: &str = "CURSOR_KEY";
/// The minimum number of characters of the secret.
const MIN_SECRET: usize = 32;
/// It changes with the layout of a cursor, so that cursors of an earlier layout are refused.
const LAYOUT: &str = "customers cursor 1";

/// Makes and reads cursors.
#[derive(Debug, Clone)]
pub struct Cursors(Arc<RandomizedNonceKey>);

impl Cursors {
    /// # Errors
    /// The variable `CURSOR_KEY` is missing or too short.
    pub fn from_env() -> Result<Self, ConfigError> {
        let secret = required(VARIABLE)?;
        if secret.chars().count() < MIN_SECRET {
            let problem = format!("must have at least {MIN_SECRET} characters");
            return Err(ConfigError::Wrong { name: VARIABLE, problem });
        }
        Ok(Self::new(&secret))
    }

    /// Cursors of this secret.
    ///
    /// # Panics
    /// Never: a SHA-256 digest has the length of a key.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        let mut key = Context::new(&SHA256);
        key.update(LAYOUT.as_bytes());
        key.update(secret.as_bytes());
        let key = RandomizedNonceKey::new(&AES_256_GCM_SIV, key.finish().as_ref());
        Self(Arc::new(key.expect("a SHA-256 digest has the length of a key")))
    }

    /// The cursor of `position` in the answer to `question`.
    pub(crate) fn seal(&self, client: &ClientId, question: &Question, position: &Position) -> String {
        let phase = u8::try_from(position.phase).expect("a search has few phases");
        let mut sealed = vec![phase];
        sealed.extend(position.after.iter().flat_map(|after| after.bytes()));
        let nonce = self.0.seal_in_place_append_tag(bound_to(client, question), &mut sealed);
        let nonce = nonce.expect("a position is short enough to encrypt");
        URL_SAFE_NO_PAD.encode([nonce.as_ref().as_slice(), sealed.as_slice()].concat())
    }

    /// The position of a cursor that [`Cursors::seal`] made for the same tenant and question.
    ///
    /// # Errors
    /// [`Invalid::NotACursor`].
    pub(crate) fn open(&self, client: &ClientId, question: &Question, cursor: &str) -> Result<Position, Invalid> {
        self.read(client, question, cursor).ok_or(Invalid::NotACursor)
    }

    fn read(&self, client: &ClientId, question: &Question, cursor: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let opened = self.0.open_in_place(nonce, bound_to(client, question), &mut sealed).ok()?;
        let (phase, after) = opened.split_first()?;
        let after = String::from_utf8(after.to_vec()).ok()?;
        Some(Position { phase: (*phase).into(), after: Some(after).filter(|after| !after.is_empty()) })
    }
}

/// What a cursor belongs to. A tenant's id has no line break.
fn bound_to(client: &ClientId, question: &Question) -> Aad<Vec<u8>> {
    Aad::from(format!("{client}\n{}", question.canonical()).into_bytes())
}

#[cfg(test)]
mod tests {
    use shared::api::view::MAX_CURSOR;
    use shared::domain::search::NameQuestion;

    use super::*;

    fn client(raw: &str) -> ClientId {
        ClientId::parse(raw).expect("an id")
    }

    fn name(raw: &str) -> Question {
        Question::Name(NameQuestion::parse(raw).expect("a name"))
    }

    fn position(phase: usize, after: Option<&str>) -> Position {
        Position { phase, after: after.map(str::to_owned) }
    }

    #[test]
    fn a_cursor_is_read_with_the_same_secret_tenant_and_question() {
        let cursors = Cursors::new("one secret");
        for position in [position(0, Some("byrneaoife#c1")), position(1, None), position(0, Some("王芳#c1"))] {
            let cursor = cursors.seal(&client("demo"), &name("byrne"), &position);
            let again = Cursors::new("one secret");
            assert_eq!(again.open(&client("demo"), &name("BYRNE "), &cursor), Ok(position.clone()));
            for (secret, tenant, question) in [
                ("another secret", "demo", name("byrne")),
                ("one secret", "other", name("byrne")),
                ("one secret", "demo", name("by rne")),
                ("one secret", "demo", name("byrn")),
                ("one secret", "demo", Question::All),
            ] {
                let opened = Cursors::new(secret).open(&client(tenant), &question, &cursor);
                assert_eq!(opened, Err(Invalid::NotACursor), "{secret} {tenant}");
            }
        }
    }

    #[test]
    fn a_changed_cursor_is_refused() {
        let cursors = Cursors::new("one secret");
        let cursor = cursors.seal(&client("demo"), &Question::All, &position(0, Some("c1")));
        for end in 0..cursor.len() {
            assert!(cursors.open(&client("demo"), &Question::All, &cursor[..end]).is_err(), "{end}");
            let mut changed = cursor.clone().into_bytes();
            changed[end] = if changed[end] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(cursors.open(&client("demo"), &Question::All, &changed).is_err(), "{changed}");
        }
        for other in [format!("{cursor}A"), format!("{cursor}="), format!("{cursor}{cursor}"), "!".to_owned()] {
            assert!(cursors.open(&client("demo"), &Question::All, &other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_cursor_shows_nothing_and_is_short() {
        let cursors = Cursors::new("one secret");
        let longest = format!("{}#{}", "𠜎".repeat(100), "x".repeat(64));
        let cursor = cursors.seal(&client("demo"), &name("𠜎"), &position(0, Some(&longest)));
        assert!(cursor.len() <= MAX_CURSOR, "{}", cursor.len());
        let cursor = cursors.seal(&client("demo"), &name("byrne"), &position(0, Some("byrneaoife#c1")));
        let bytes = URL_SAFE_NO_PAD.decode(cursor).expect("base64");
        assert!(!bytes.windows(5).any(|part| part == b"byrne"));
    }
}
