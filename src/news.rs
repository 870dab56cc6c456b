//! Which files became final since the last look, each told exactly once although the API repeats the whole list.

use crate::reply::FinalFile;

/// Remembers how many final files of each identity were told. A count, not a set: replies with two files of one id exist,
/// and none may be dropped.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// A hash table of a power of two places, a free one between any two runs. Identities are hashes already, so it takes
    /// them as they are: the general map of the standard library is ten times the code.
    places: Vec<Place>,
    used: usize,
    round: u32,
}

/// One identity; free while `round` is 0.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    identity: u64,
    told: u32,
    /// How often it was met in `round`.
    met: u32,
    round: u32,
}

impl News {
    /// Positions of the files in `final_files` that were not told before; they count as told from now on.
    pub fn of(&mut self, final_files: &[FinalFile]) -> Vec<u32> {
        self.round += 1;
        let mut fresh = Vec::new();
        for file in final_files {
            self.make_room();
            let round = self.round;
            let Some(place) = self.place(file.identity) else { continue };
            let is_new = place.round == 0;
            if place.round != round {
                *place = Place { identity: file.identity, met: 0, round, told: place.told };
            }
            place.met += 1;
            if place.met > place.told {
                place.told = place.met;
                fresh.push(file.index);
            }
            self.used += usize::from(is_new);
        }
        fresh
    }

    /// Where `identity` is, or belongs.
    fn place(&mut self, identity: u64) -> Option<&mut Place> {
        let last = self.places.len().wrapping_sub(1);
        let mut at = identity as usize & last;
        while self.places.get(at).is_some_and(|place| place.round != 0 && place.identity != identity) {
            at = (at + 1) & last;
        }
        self.places.get_mut(at)
    }

    /// Keeps half of the places free.
    fn make_room(&mut self) {
        if self.used * 2 < self.places.len() {
            return;
        }
        let wider = vec![Place::default(); (self.places.len() * 2).max(16)];
        for known in std::mem::replace(&mut self.places, wider) {
            if known.round != 0
                && let Some(place) = self.place(known.identity)
            {
                *place = known;
            }
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn finals(identities: &[u64]) -> Vec<FinalFile> {
        identities.iter().zip(0..).map(|(identity, index)| FinalFile { index, identity: *identity }).collect()
    }

    #[test]
    fn a_file_is_news_once_even_when_the_order_changes() {
        let mut news = News::default();
        assert_eq!(news.of(&finals(&[1])), [0]);
        assert_eq!(news.of(&finals(&[2, 1])), [0]);
        assert_eq!(news.of(&finals(&[1, 2])), [0_u32; 0]);
    }

    #[test]
    fn two_files_of_one_id_are_both_told() {
        let mut news = News::default();
        assert_eq!(news.of(&finals(&[7, 7])), [0, 1]);
        assert_eq!(news.of(&finals(&[7, 7, 7])), [2]);
    }

    proptest! {
        #[test]
        fn over_any_replies_each_identity_is_told_as_often_as_it_was_ever_seen_at_once(
            replies in prop::collection::vec(prop::collection::vec((0_u64..20).prop_map(|n| n << 4), 0..30), 0..8)
        ) {
            let mut news = News::default();
            let (mut told, mut most): (HashMap<u64, usize>, HashMap<u64, usize>) = Default::default();
            for reply in &replies {
                for index in news.of(&finals(reply)) {
                    *told.entry(reply[index as usize]).or_default() += 1;
                }
                for identity in reply {
                    let now = reply.iter().filter(|other| *other == identity).count();
                    let most = most.entry(*identity).or_default();
                    *most = now.max(*most);
                }
            }
            prop_assert_eq!(told, most);
        }
    }
}
