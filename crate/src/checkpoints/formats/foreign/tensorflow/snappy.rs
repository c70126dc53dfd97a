//! Snappy's packing (<https://github.com/google/snappy/blob/main/format_description.txt>).

/// Bytes that one packed byte can stand for.
const MOST_GAIN: usize = 32;

/// The bytes that were packed; none where these are damaged.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut length = 0usize;
    let mut rest = packed;
    for shift in (0..35).step_by(7) {
        let byte = take(&mut rest, 1)?[0];
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            break;
        }
    }
    if length > packed.len().saturating_mul(MOST_GAIN) {
        return None;
    }
    let mut bytes = Vec::with_capacity(length);
    while let Ok([tag]) = <[u8; 1]>::try_from(take(&mut rest, 1).unwrap_or_default()) {
        let high = usize::from(tag >> 2);
        let (count, back) = match tag & 3 {
            0 => {
                let count = if high < 60 { high } else { number(take(&mut rest, high - 59)?) };
                bytes.extend_from_slice(take(&mut rest, count.checked_add(1)?)?);
                continue;
            }
            1 => ((high & 7) + 4, (high >> 3) << 8 | number(take(&mut rest, 1)?)),
            2 => (high + 1, number(take(&mut rest, 2)?)),
            _ => (high + 1, number(take(&mut rest, 4)?)),
        };
        let start = bytes.len().checked_sub(back).filter(|_| back > 0)?;
        if bytes.len() + count > length {
            return None;
        }
        for at in start..start + count {
            bytes.push(bytes[at]);
        }
    }
    (bytes.len() == length).then_some(bytes)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

#[cfg(test)]
mod tests {
    use super::unpack;

    #[test]
    fn literals_and_copies_are_unpacked() {
        // "abab", then four from two before with either kind of copy.
        assert_eq!(unpack(&[8, 3 << 2, b'a', b'b', b'a', b'b', 1, 2]).as_deref(), Some(&b"abababab"[..]));
        assert_eq!(unpack(&[7, 1 << 2, b'a', b'b', 4 << 2 | 2, 2, 0]).as_deref(), Some(&b"abababa"[..]));
        assert_eq!(unpack(&[4, 60 << 2, 3, 1, 2, 3, 4]), Some(vec![1, 2, 3, 4]));
        for damaged in
            [&[8, 3 << 2, 1][..], &[2, 0, 1, 1, 0], &[2, 0, 1, 1, 9], &[255, 255, 255, 255, 15, 0, 1], &[9, 0, 1]]
        {
            assert_eq!(unpack(damaged), None, "{damaged:?}");
        }
    }
}
