//! Which files became final since the last look, each told exactly once although the API repeats the whole list.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::reply::FinalFile;

/// Remembers how many final files of each identity were told. A count, not a set: replies with two files of one id exist,
/// and none may be dropped.
#[derive(Clone, Debug, Default)]
pub struct News {
    told: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
}

impl News {
    /// Positions of the files in `final_files` that were not told before; they count as told from now on.
    pub fn of(&mut self, final_files: &[FinalFile]) -> Vec<u32> {
        let mut met: HashMap<u64, u32, BuildHasherDefault<Hashed>> = HashMap::default();
        let mut fresh = Vec::new();
        for file in final_files {
            let met = met.entry(file.identity).or_insert(0);
            *met += 1;
            let told = self.told.entry(file.identity).or_insert(0);
            if *met > *told {
                *told = *met;
                fresh.push(file.index);
            }
        }
        fresh
    }
}

/// Identities are hashes already, so the map takes them as they are. (The default hasher would also draw randomness, which
/// Workers forbid at module scope.)
#[derive(Clone, Copy, Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
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
            replies in prop::collection::vec(prop::collection::vec(0_u64..4, 0..6), 0..8)
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
