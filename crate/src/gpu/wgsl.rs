//! Shaders as they ship: without comments and indentation, which a page would fetch for nothing.

/// The source of a shader, a file beside this one's folder, made lean when the crate is compiled.
macro_rules! wgsl {
    ($path:literal) => {{
        const SOURCE: &[u8] = include_bytes!($path);
        const LEAN: ([u8; SOURCE.len()], usize) = $crate::gpu::wgsl::lean(SOURCE);
        const TEXT: [u8; LEAN.1] = $crate::gpu::wgsl::first(&LEAN.0);
        match std::str::from_utf8(&TEXT) {
            Ok(text) => text,
            Err(_) => "",
        }
    }};
}
pub(super) use wgsl;

/// Copies the lines of `source` without `//` and what follows it, without spaces that part no words, and without empty ones; gives how
/// many bytes are left.
pub(super) const fn lean<const N: usize>(source: &[u8]) -> ([u8; N], usize) {
    let (mut text, mut length, mut at) = ([0; N], 0, 0);
    while at < source.len() {
        let start = length;
        while at < source.len() && source[at] != b'\n' && !is_comment(source, at) {
            if source[at] != b' '
                || (length > start && at + 1 < source.len() && parts(text[length - 1], source[at + 1]))
            {
                text[length] = source[at];
                length += 1;
            }
            at += 1;
        }
        while at < source.len() && source[at] != b'\n' {
            at += 1;
        }
        while length > start && text[length - 1] == b' ' {
            length -= 1;
        }
        if length > start && at < source.len() {
            text[length] = b'\n';
            length += 1;
        }
        at += 1;
    }
    (text, length)
}

/// Whether what stands before a space and what follows would be another thing without it: two words, or an operator and its like,
/// as `a - -b`; a `=` after a type's `>` stays apart, too.
const fn parts(before: u8, after: u8) -> bool {
    (is_word(before) && is_word(after)) || before == after || (before == b'>' && after == b'=')
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

const fn is_comment(source: &[u8], at: usize) -> bool {
    source[at] == b'/' && at + 1 < source.len() && source[at + 1] == b'/'
}

/// The first `N` of some bytes.
pub(super) const fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut all = [0; N];
    let mut at = 0;
    while at < N {
        all[at] = bytes[at];
        at += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::lean;

    #[test]
    fn leaves_the_code_of_a_shader() {
        let source = b"// What it does.\n\n    let a = b / c; // why  \n  \nlet d = 1 - -a;\nif $w < 2u { e[$w] = f(a, b); }\nvar v: vec2<u32> = e;\n// end";
        let (text, length) = lean::<150>(source);
        let wanted = "let a=b/c;\nlet d=1- -a;\nif $w<2u{e[$w]=f(a,b);}\nvar v:vec2<u32> =e;\n";
        assert_eq!(std::str::from_utf8(&text[..length]), Ok(wanted));
    }
}
