//! Fairness between visitors, where one process asks on behalf of many: start-time fair queueing.
//!
//! The lane's time is what there is to share. Each visitor has a virtual time up to which it has been served. Whoever has been
//! served least goes first, and is charged, once the reply is there, for the time that its request kept the lane. A visitor that
//! was away earns no credit: it begins where the one that was last served began. Everybody who waited for a reply is charged for
//! it in full, as everybody got it.

/// From so many visitors on, those served least are taken for new ones.
const MOST_VISITORS: usize = 10_000;

/// How much of the lane's time each visitor has had, in slots.
#[derive(Clone, Debug, Default)]
pub struct Visitors {
    is_used: bool,
    /// The virtual time: where the one that was last served began.
    now: f64,
    /// Up to when each has been served, where that is later; in the order of the visitors.
    served: Vec<(u64, f64)>,
}

impl Visitors {
    /// Whether anybody asked as a visitor. If not, there is nothing to share.
    pub const fn are_there(&self) -> bool {
        self.is_used
    }

    /// A visitor asks, where 0 is nobody.
    pub fn attend(&mut self, visitor: u64) {
        self.is_used |= visitor > 0;
    }

    /// Where the next request of a visitor begins.
    pub fn start(&self, visitor: u64) -> f64 {
        match self.served.binary_search_by_key(&visitor, |(known, _)| *known) {
            Ok(index) => self.served.get(index).map_or(self.now, |(_, served)| *served),
            Err(_) => self.now,
        }
    }

    /// A request starts on behalf of a visitor, which is charged a slot: whoever asks for a turn meanwhile counts with that.
    pub fn begin(&mut self, visitor: u64) {
        if self.is_used {
            let start = self.start(visitor);
            self.now = self.now.max(start);
            self.set(visitor, start + 1.0);
        }
    }

    /// The request on behalf of `sender` took so many slots, and all of these visitors got what came of it.
    pub fn charge(&mut self, visitors: &[u64], sender: u64, slots: f64) {
        if !self.is_used {
            return;
        }
        self.set(sender, self.start(sender) + slots - 1.0);
        let others = visitors.iter().enumerate().filter(|(nth, visitor)| {
            // Each once.
            **visitor != sender && !visitors.iter().take(*nth).any(|other| other == *visitor)
        });
        for (_, visitor) in others {
            self.set(*visitor, self.start(*visitor) + slots);
        }
        if self.served.len() > MOST_VISITORS {
            self.now = self.served.iter().map(|(_, served)| *served).fold(f64::INFINITY, f64::min);
        }
        let now = self.now;
        self.served.retain(|(_, served)| *served > now);
    }

    fn set(&mut self, visitor: u64, served: f64) {
        match self.served.binary_search_by_key(&visitor, |(known, _)| *known) {
            Ok(index) => {
                if let Some(known) = self.served.get_mut(index) {
                    known.1 = served;
                }
            }
            Err(index) => self.served.insert(index, (visitor, served)),
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn visitors() -> Visitors {
        let mut visitors = Visitors::default();
        visitors.attend(1);
        visitors
    }

    #[test]
    fn whoever_was_served_begins_later_and_who_was_away_earns_nothing() {
        let mut visitors = visitors();
        for _ in 0..10 {
            visitors.begin(1);
            visitors.charge(&[1], 1, 1.0);
        }
        assert_eq!((visitors.start(1), visitors.start(2)), (10.0, 9.0));
        visitors.begin(2);
        assert_eq!((visitors.start(1), visitors.start(2)), (10.0, 10.0));
        visitors.charge(&[2], 2, 3.0);
        assert_eq!((visitors.start(1), visitors.start(2)), (10.0, 12.0));
    }

    #[test]
    fn everybody_who_got_a_reply_is_charged_in_full_and_once() {
        let mut visitors = visitors();
        visitors.begin(1);
        visitors.charge(&[1, 2, 2, 3, 1], 1, 1.5);
        assert_eq!([1, 2, 3, 4].map(|visitor| visitors.start(visitor)), [1.5, 1.5, 1.5, 0.0]);
    }

    #[test]
    fn where_nobody_is_a_visitor_nothing_is_kept() {
        let mut visitors = Visitors::default();
        visitors.attend(0);
        visitors.begin(0);
        visitors.charge(&[0], 0, 5.0);
        assert!(!visitors.are_there() && visitors.start(0) == 0.0);
    }

    #[test]
    fn however_many_there_are_memory_is_bounded() {
        let mut visitors = visitors();
        for visitor in 1..20_000 {
            visitors.begin(visitor);
            visitors.charge(&[visitor], visitor, 1.0);
            assert!(visitors.served.len() <= MOST_VISITORS);
        }
    }
}
