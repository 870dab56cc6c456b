//! Choices made by bytes. Where the bytes have run out each is the first one, so that fewer bytes make a simpler input.

use arbitrary::{Arbitrary, Unstructured};

/// Where choices come from.
pub(crate) type Bytes<'a> = Unstructured<'a>;

/// A whole number below `count`.
pub(crate) fn below(bytes: &mut Bytes<'_>, count: usize) -> usize {
    bytes.int_in_range(0..=count.saturating_sub(1)).unwrap_or(0)
}

/// True once in so many times.
pub(crate) fn once_in(bytes: &mut Bytes<'_>, times: usize) -> bool {
    below(bytes, times) == times - 1
}

/// One of a list that is not empty.
pub(crate) fn one_of<T: Copy>(bytes: &mut Bytes<'_>, list: &[T]) -> T {
    list[below(bytes, list.len())]
}

/// Any value of a plain type.
pub(crate) fn plain<'a, T: Arbitrary<'a> + Default>(bytes: &mut Bytes<'a>) -> T {
    T::arbitrary(bytes).unwrap_or_default()
}

/// At most so many.
pub(crate) fn some<T>(bytes: &mut Bytes<'_>, most: usize, mut make: impl FnMut(&mut Bytes<'_>) -> T) -> Vec<T> {
    (0..below(bytes, most + 1)).map(|_| make(bytes)).collect()
}

/// At times.
pub(crate) fn perhaps<T>(bytes: &mut Bytes<'_>, make: impl FnOnce(&mut Bytes<'_>) -> T) -> Option<T> {
    once_in(bytes, 2).then(|| make(bytes))
}

/// Numbers at which something changes: signs, whole numbers, the ends of integers, durations that the core compares with.
const EDGES: [f64; 24] = [
    0.0,
    1.0,
    -1.0,
    2_000.0,
    -0.0,
    0.5,
    1e-7,
    f64::MIN_POSITIVE,
    f64::EPSILON,
    1_999.999_999,
    5_000.0,
    30_000.0,
    86_400_000.0,
    86_400_001.0,
    2_147_483_648.0,
    4_294_967_295.0,
    4_294_967_296.0,
    1e12,
    1.76e12,
    8.64e15,
    9_007_199_254_740_993.0,
    1e300,
    f64::MAX,
    f64::MIN,
];

/// Any number that JSON can hold.
pub(crate) fn number(bytes: &mut Bytes<'_>) -> f64 {
    let number = match below(bytes, 4) {
        0 => one_of(bytes, &EDGES),
        1 => f64::from(plain::<u16>(bytes)),
        2 => f64::from(plain::<i32>(bytes)) / 64.0,
        _ => plain(bytes),
    };
    if number.is_finite() { number } else { 0.0 }
}

/// Any number that a clock or a date parser can give.
pub(crate) fn wild_number(bytes: &mut Bytes<'_>) -> f64 {
    match below(bytes, 8) {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => f64::NEG_INFINITY,
        _ => number(bytes),
    }
}

/// A moment of a clock that counts from the start of a page or process, as all clocks that polls go by do.
pub(crate) fn moment(bytes: &mut Bytes<'_>) -> f64 {
    f64::from(plain::<u32>(bytes)) / 4.0
}
