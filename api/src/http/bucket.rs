//! How much one caller may ask over time: a bucket of fields for each account, and for each address of callers without
//! one, refilled steadily. Every node keeps its own; a caller that a balancer spreads over three nodes has three.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::kernel::{
    ctx::{Ctx, RequestInfo, network},
    ids::AccountId,
};

/// How large the buckets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketSize {
    /// Fields that fit.
    pub size: u32,
    /// Fields that come back each second.
    pub refill: u32,
}

/// Whose bucket it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A person, wherever from.
    Account(AccountId),
    /// Whoever asks without a log-in from there.
    Address(String),
}

impl Holder {
    /// The account that asks, else the address it is asked from.
    #[must_use]
    pub fn of(ctx: &Ctx, info: &RequestInfo) -> Self {
        match ctx.person() {
            Ok(person) => Self::Account(person.account),
            Err(_) => Self::Address(network(&info.address)),
        }
    }
}

#[derive(Clone, Copy)]
struct Bucket {
    level: f64,
    at: i64,
}

/// The buckets of a node.
pub struct Buckets {
    size: BucketSize,
    known: Mutex<HashMap<Holder, Bucket>>,
}

/// Buckets kept at once; those that are full again are forgotten first.
const KEPT: usize = 50_000;

impl Buckets {
    /// All full.
    #[must_use]
    pub fn new(size: BucketSize) -> Self {
        Self { size, known: Mutex::default() }
    }

    /// How large they are.
    #[must_use]
    pub fn size(&self) -> BucketSize {
        self.size
    }

    fn level(&self, bucket: Bucket, now: i64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since somebody asked")]
        let seconds = (now - bucket.at).max(0) as f64 / 1_000.0;
        (bucket.level + seconds * f64::from(self.size.refill)).min(f64::from(self.size.size))
    }

    /// Takes `cost` out of a bucket at `now`, in milliseconds; answers what is left, or after how many seconds there is
    /// enough. What is more than a bucket holds is taken from a full one, or it would never be answered.
    pub fn take(&self, holder: Holder, cost: u64, now: i64) -> Result<u64, u64> {
        let full = f64::from(self.size.size);
        #[expect(clippy::cast_precision_loss, reason = "a figure far below 2^52 where it matters")]
        let cost = (cost as f64).min(full);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT && !known.contains_key(&holder) {
            known.retain(|_, bucket| self.level(*bucket, now) < full);
            if known.len() >= KEPT {
                known.clear();
            }
        }
        let level = known.get(&holder).map_or(full, |bucket| self.level(*bucket, now));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "neither negative nor large")]
        if level < cost {
            Err(((cost - level) / f64::from(self.size.refill.max(1))).ceil().max(1.0) as u64)
        } else {
            known.insert(holder, Bucket { level: level - cost, at: now });
            Ok((level - cost) as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets() -> Buckets {
        Buckets::new(BucketSize { size: 100, refill: 10 })
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let (buckets, here) = (buckets(), || Holder::Address("1.2.3.4".into()));
        assert_eq!(buckets.take(here(), 60, 0), Ok(40));
        assert_eq!(buckets.take(here(), 60, 0), Err(2));
        assert_eq!(buckets.take(here(), 60, 1_999), Err(1));
        assert_eq!(buckets.take(here(), 60, 2_000), Ok(0));
        assert_eq!(buckets.take(here(), 1, 1_000), Err(1), "a clock that runs back fills nothing");
        assert_eq!(buckets.take(here(), 100, 3_600_000), Ok(0), "and never more than full");
    }

    #[test]
    fn everybody_has_their_own() {
        let buckets = buckets();
        let (one, other) = (Holder::Account(AccountId::new()), Holder::Account(AccountId::new()));
        assert_eq!(buckets.take(one.clone(), 100, 0), Ok(0));
        assert_eq!(buckets.take(other, 100, 0), Ok(0));
        assert_eq!(buckets.take(one, 1, 0), Err(1));
    }

    #[test]
    fn what_no_bucket_holds_takes_a_full_one() {
        let buckets = buckets();
        assert_eq!(buckets.take(Holder::Address(String::new()), 1_000, 0), Ok(0));
        assert_eq!(buckets.take(Holder::Address(String::new()), 1_000, 9_999), Err(1));
        assert_eq!(buckets.take(Holder::Address(String::new()), 1_000, 10_000), Ok(0));
    }
}
