//! How many connections that go on one caller may hold at once: each costs the server a look at its session now and then.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::bucket::Holder;

/// The connections held now.
#[derive(Clone)]
pub struct Seats {
    each: u32,
    taken: Arc<Mutex<HashMap<Holder, u32>>>,
}

/// A connection that is held; given back when dropped.
pub struct Seat {
    seats: Seats,
    holder: Holder,
}

impl Seats {
    /// None held; `each` for everybody, 0 for as many as they like.
    #[must_use]
    pub fn new(each: u32) -> Self {
        Self { each, taken: Arc::default() }
    }

    /// A connection for a caller; none if it holds too many.
    #[must_use]
    pub fn take(&self, holder: Holder) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(holder.clone()).or_default();
        if self.each > 0 && *count >= self.each {
            return None;
        }
        *count += 1;
        Some(Seat { seats: self.clone(), holder })
    }

    /// All that are held.
    #[must_use]
    pub fn held(&self) -> u64 {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.values().map(|count| u64::from(*count)).sum()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.holder) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_given_back() {
        let (seats, here, there) = (Seats::new(1), || Holder::Address("a".into()), || Holder::Address("b".into()));
        let seat = seats.take(here());
        assert!(seat.is_some() && seats.take(here()).is_none());
        let other = seats.take(there());
        assert!(other.is_some());
        assert_eq!(seats.held(), 2);
        drop(seat);
        assert!(seats.take(here()).is_some());
        drop(other);
        assert_eq!(seats.held(), 0);
        assert!((0..100).map(|_| Seats::new(0).take(here())).all(|seat| seat.is_some()));
    }
}
