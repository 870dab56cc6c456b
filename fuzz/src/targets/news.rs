//! `News`: which files are told of as final, over any series of replies.

use std::collections::HashMap;

use extracta_wasm::news::News;
use extracta_wasm::reply::FinalFile;

use crate::engine::Property;
use crate::pick::{Bytes, below, one_of, plain, some};

pub(super) struct Tellings;

impl Property for Tellings {
    const NAME: &'static str = "news";
    /// The identities of the final files, reply by reply.
    type Input = Vec<Vec<u64>>;

    fn any(bytes: &mut Bytes<'_>) -> Self::Input {
        some(bytes, 10, |bytes| some(bytes, 24, identity))
    }

    fn holds(replies: &Self::Input) {
        let mut news = News::default();
        let mut most: HashMap<u64, usize> = HashMap::new();
        for reply in replies {
            let files: Vec<_> = reply.iter().zip(0..).map(|(&identity, index)| FinalFile { identity, index }).collect();
            let told = news.of(&files);
            assert!(told.is_sorted_by(|one, next| one < next), "not in order, or twice: {told:?}");
            let (mut told_now, mut now): (HashMap<u64, usize>, HashMap<u64, usize>) = Default::default();
            for index in told {
                *told_now.entry(reply[index as usize]).or_default() += 1;
            }
            for identity in reply {
                *now.entry(*identity).or_default() += 1;
            }
            for (identity, now) in now {
                let most = most.entry(identity).or_default();
                let owed = now.saturating_sub(*most);
                assert_eq!(told_now.remove(&identity).unwrap_or(0), owed, "times that {identity:#x} was told of");
                *most = now.max(*most);
            }
        }
    }
}

/// Few, so that they recur; alike in the bits that a table goes by, so that they collide.
fn identity(bytes: &mut Bytes<'_>) -> u64 {
    match below(bytes, 4) {
        0 => below(bytes, 6) as u64,
        1 => (below(bytes, 64) as u64) << one_of(bytes, &[4, 8, 32, 58]),
        2 => u64::MAX - below(bytes, 40) as u64,
        _ => plain(bytes),
    }
}
