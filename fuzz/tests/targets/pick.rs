//! Choices beyond bolero's own. Zeros make the first choice, so that fewer bytes make a simpler input.

use bolero::{Driver, ValueGenerator, one_value_of};

/// A whole number below `count`; 0 if there is none.
pub(crate) fn below(driver: &mut impl Driver, count: usize) -> Option<usize> {
    (0..count.max(1)).generate(driver)
}

/// True once in so many times.
pub(crate) fn once_in(driver: &mut impl Driver, times: usize) -> Option<bool> {
    Some(below(driver, times)? == times - 1)
}

/// At most so many.
pub(crate) fn some<D: Driver, T>(
    driver: &mut D,
    most: usize,
    mut make: impl FnMut(&mut D) -> Option<T>,
) -> Option<Vec<T>> {
    (0..below(driver, most + 1)?).map(|_| make(driver)).collect()
}

/// At times.
pub(crate) fn perhaps<D: Driver, T>(driver: &mut D, make: impl FnOnce(&mut D) -> Option<T>) -> Option<Option<T>> {
    Some(if once_in(driver, 2)? { Some(make(driver)?) } else { None })
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
pub(crate) fn number(driver: &mut impl Driver) -> Option<f64> {
    let number = match below(driver, 4)? {
        0 => one_value_of(EDGES).generate(driver)?,
        1 => f64::from(driver.produce::<u16>()?),
        2 => f64::from(driver.produce::<i32>()?) / 64.0,
        _ => driver.produce::<f64>()?,
    };
    Some(if number.is_finite() { number } else { 0.0 })
}

/// Any number that a clock or a date parser can give.
pub(crate) fn wild_number(driver: &mut impl Driver) -> Option<f64> {
    match below(driver, 8)? {
        0 => Some(f64::NAN),
        1 => Some(f64::INFINITY),
        2 => Some(f64::NEG_INFINITY),
        _ => number(driver),
    }
}

/// A moment of a clock that counts from the start of a page or process, as all clocks that polls go by do.
pub(crate) fn moment(driver: &mut impl Driver) -> Option<f64> {
    Some(f64::from(driver.produce::<u32>()?) / 4.0)
}
