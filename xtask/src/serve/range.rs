//! The `Range` header: one span of bytes (RFC 9110, section 14).

/// A run of bytes inside a file; `length` is at least 1 for a part.
#[derive(Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// How many bytes.
    pub length: u64,
}

/// What a request asks of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Range {
    /// All of it: there is no header, or one that may be ignored (another unit, several spans, not well formed).
    Whole,
    /// One span, cut at the end of the file.
    Part(Span),
    /// A span that lies outside the file.
    Unsatisfiable,
}

/// Reads a `Range` header for a file of `length` bytes.
pub fn parse(header: Option<&str>, length: u64) -> Range {
    let Some((first, last)) =
        header.and_then(|value| value.strip_prefix("bytes=")).and_then(|span| span.split_once('-'))
    else {
        return Range::Whole;
    };
    match (number(first), number(last)) {
        (Some(start), Some(end)) if start <= end => part(start, end, length),
        (Some(start), None) if last.trim().is_empty() => part(start, u64::MAX, length),
        (None, Some(0)) if first.trim().is_empty() => Range::Unsatisfiable,
        (None, Some(tail)) if first.trim().is_empty() => part(length.saturating_sub(tail), u64::MAX, length),
        _ => Range::Whole,
    }
}

fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

fn part(start: u64, end: u64, length: u64) -> Range {
    if start >= length {
        return Range::Unsatisfiable;
    }
    Range::Part(Span { start, length: end.min(length - 1) - start + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u64, length: u64) -> Range {
        Range::Part(Span { start, length })
    }

    #[test]
    fn reads_one_span() {
        assert_eq!(parse(Some("bytes=0-0"), 10), span(0, 1));
        assert_eq!(parse(Some("bytes=2-5"), 10), span(2, 4));
        assert_eq!(parse(Some("bytes=2-"), 10), span(2, 8));
        assert_eq!(parse(Some("bytes=-3"), 10), span(7, 3));
    }

    #[test]
    fn cuts_a_span_at_the_end_of_the_file() {
        assert_eq!(parse(Some("bytes=8-99"), 10), span(8, 2));
        assert_eq!(parse(Some("bytes=-99"), 10), span(0, 10));
    }

    #[test]
    fn refuses_a_span_outside_the_file() {
        assert_eq!(parse(Some("bytes=10-"), 10), Range::Unsatisfiable);
        assert_eq!(parse(Some("bytes=-0"), 10), Range::Unsatisfiable);
        assert_eq!(parse(Some("bytes=0-"), 0), Range::Unsatisfiable);
        assert_eq!(parse(Some("bytes=-5"), 0), Range::Unsatisfiable);
    }

    #[test]
    fn ignores_what_is_not_one_well_formed_span() {
        for header in
            [None, Some("bytes=5-2"), Some("bytes=0-1,4-5"), Some("items=0-1"), Some("bytes=a-b"), Some("bytes=-")]
        {
            assert_eq!(parse(header, 10), Range::Whole, "{header:?}");
        }
    }
}
