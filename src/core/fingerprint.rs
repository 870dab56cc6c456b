//! A number in place of texts, to distinguish them by. Whoever chooses the texts can make two of the same number, so nothing but an
//! order may rest on it.

/// The number of some texts, which is never 0.
pub fn fingerprint(texts: &[&str]) -> u64 {
    let mut number = 0xcbf2_9ce4_8422_2325_u64;
    for text in texts {
        // No byte of UTF-8 is 255: where one text ends and the next begins counts.
        for byte in text.bytes().chain([u8::MAX]) {
            number = (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    number.max(1)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn where_texts_end_counts() {
        let numbers = [&["ab", "c"][..], &["a", "bc"], &["abc"], &["abc", ""], &["", "abc"], &[]].map(fingerprint);
        for (index, number) in numbers.iter().enumerate() {
            assert!(*number > 0 && !numbers.get(..index).unwrap().contains(number));
        }
    }
}
