//! Blocks: what the office has decided about a person's bookings. And closed records, which no passenger uses.

use serde::{Deserialize, Serialize};

use super::{Customer, Text, UnixSeconds};

/// What a block asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BlockLevel {
    /// The office is warned.
    Warn,
    /// The office refuses bookings, and the passenger cannot use the record.
    Refuse,
}

impl BlockLevel {
    pub const ALL: [Self; 2] = [Self::Warn, Self::Refuse];

    /// The name, as stored and as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Refuse => "refuse",
        }
    }
}

/// The office's reason for a block.
pub type BlockReason = Text<500, true>;

/// A block of a customer. It belongs to the person, so a new phone does not change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    pub level: BlockLevel,
    pub reason: BlockReason,
    /// The block is in force until this time. It expires when it is read: nothing removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_date: Option<UnixSeconds>,
}

/// Why a passenger cannot use a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    Blocked,
    Inactive,
}

impl Block {
    #[must_use]
    pub fn is_in_force(&self, now: UnixSeconds) -> bool {
        self.until_date.is_none_or(|until| now < until)
    }
}

impl Customer {
    /// The block, if it is in force.
    #[must_use]
    pub fn block_in_force(&self, now: UnixSeconds) -> Option<&Block> {
        self.block.as_ref().filter(|block| block.is_in_force(now))
    }

    /// Why the passenger cannot use the record, if so.
    #[must_use]
    pub fn closed(&self, now: UnixSeconds) -> Option<Closed> {
        if self.block_in_force(now).is_some_and(|block| block.level == BlockLevel::Refuse) {
            Some(Closed::Blocked)
        } else if self.active {
            None
        } else {
            Some(Closed::Inactive)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_or_inactive_customer_is_closed() {
        let mut customer = Customer::sample();
        assert_eq!(customer.closed(0), None);
        customer.active = false;
        assert_eq!(customer.closed(0), Some(Closed::Inactive));
        let reason = BlockReason::parse("Damaged a car").unwrap();
        customer.block = Some(Block { level: BlockLevel::Warn, reason, until_date: Some(10) });
        assert_eq!(customer.closed(0), Some(Closed::Inactive));
        customer.active = true;
        assert_eq!(customer.closed(0), None);
        customer.block.as_mut().unwrap().level = BlockLevel::Refuse;
        assert_eq!((customer.closed(9), customer.closed(10)), (Some(Closed::Blocked), None));
        customer.block.as_mut().unwrap().until_date = None;
        assert_eq!(customer.closed(UnixSeconds::MAX), Some(Closed::Blocked));
    }
}
