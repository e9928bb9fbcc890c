//! Sessions of passengers, as far as the customer's record decides about them.
//!
//! The record counts its epochs, and each session and its access tokens carry the epoch that they began in. A write that
//! must end every session raises the epoch, so that it needs no list of sessions and races with none.

use super::{Closed, Customer, SessionId, UnixSeconds};

/// The session that an access token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClaim {
    pub id: SessionId,
    /// The epoch of the record when the token was issued.
    pub epoch: u64,
}

/// What the customer's record must allow for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// The request is not a passenger's.
    Any,
    /// The request is a passenger's and belongs to no session. The record must be open.
    Open,
    /// The request is a passenger's and belongs to this session, which must not have ended. A record that is closed ends
    /// every session, so the session alone decides.
    Session(SessionClaim),
}

/// Why the customer's record does not allow a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    SessionEnded,
    Closed(Closed),
}

impl Access {
    /// Whether the request is a passenger's.
    #[must_use]
    pub fn is_of_passenger(&self) -> bool {
        match self {
            Self::Any => false,
            Self::Open | Self::Session(_) => true,
        }
    }

    /// Checks the record that a request is about. The session of a customer who does not exist any more has ended.
    ///
    /// # Errors
    /// Why the request is not allowed.
    pub fn check(&self, customer: Option<&Customer>, now: UnixSeconds) -> Result<(), Denied> {
        match self {
            Self::Any => Ok(()),
            Self::Open => {
                let closed = customer.and_then(|customer| customer.closed(now));
                closed.map_or(Ok(()), |closed| Err(Denied::Closed(closed)))
            }
            Self::Session(claim) if customer.is_some_and(|customer| customer.admits(claim)) => Ok(()),
            Self::Session(_) => Err(Denied::SessionEnded),
        }
    }
}

impl Customer {
    /// Whether this session has not ended: it is of the current epoch, or it made the change that began this epoch.
    #[must_use]
    pub fn admits(&self, session: &SessionClaim) -> bool {
        session.epoch == self.session_epoch || self.epoch_session.as_ref() == Some(&session.id)
    }

    /// Ends every session, except for `kept`.
    pub fn raise_epoch(&mut self, kept: Option<SessionId>) {
        self.session_epoch += 1;
        self.epoch_session = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raise_of_the_epoch_ends_every_session_but_the_kept_one() {
        let mut customer = Customer::sample();
        let [kept, other] = [(); 2].map(|()| SessionClaim { id: SessionId::issue(), epoch: 0 });
        assert!(customer.admits(&kept) && customer.admits(&other));
        customer.raise_epoch(Some(kept.id.clone()));
        assert!(customer.admits(&kept) && !customer.admits(&other));
        // A refresh takes over the epoch.
        assert!(customer.admits(&SessionClaim { epoch: 1, ..other.clone() }));
        customer.raise_epoch(None);
        assert!(!customer.admits(&kept) && !customer.admits(&SessionClaim { epoch: 1, ..other }));
    }

    #[test]
    fn the_session_of_an_erased_customer_has_ended() {
        let claim = SessionClaim { id: SessionId::issue(), epoch: 0 };
        assert_eq!(Access::Session(claim).check(None, 0), Err(Denied::SessionEnded));
        assert_eq!((Access::Any.check(None, 0), Access::Open.check(None, 0)), (Ok(()), Ok(())));
    }
}
