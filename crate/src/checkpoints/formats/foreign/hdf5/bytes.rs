//! Bytes of a file, read at checked places.

/// Why a file cannot be read.
pub type Fault = &'static str;

/// What is said of bytes that lie beyond the end.
pub const CUT: Fault = "it is cut short, or refers beyond its end";

/// The file from its superblock on, and how many bytes an address and a length take.
#[derive(Clone, Copy)]
pub struct Space<'a> {
    pub bytes: &'a [u8],
    pub address: usize,
    pub length: usize,
}

impl<'a> Space<'a> {
    /// Reads from an address on.
    pub fn at(self, address: u64) -> Result<Reader<'a>, Fault> {
        let begin = usize::try_from(address).map_err(|_| CUT)?;
        Ok(Reader { space: self, bytes: self.bytes.get(begin..).ok_or(CUT)? })
    }

    /// The bytes at an address.
    pub fn slice(self, address: u64, length: u64) -> Result<&'a [u8], Fault> {
        self.at(address)?.take(usize::try_from(length).map_err(|_| CUT)?)
    }

    /// Reads some bytes.
    pub fn reader(self, bytes: &'a [u8]) -> Reader<'a> {
        Reader { space: self, bytes }
    }

    /// The address that stands for none.
    fn none(self) -> u64 {
        u64::MAX >> (64 - 8 * self.address)
    }
}

/// Bytes that are read from the first on.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub space: Space<'a>,
    pub bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The next bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(CUT)?;
        self.bytes = rest;
        Ok(taken)
    }

    pub fn skip(&mut self, count: usize) -> Result<(), Fault> {
        self.take(count).map(|_| ())
    }

    /// A little-endian number of so many bytes, at most eight.
    pub fn number(&mut self, bytes: usize) -> Result<u64, Fault> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// The same, of what counts or measures something in memory.
    pub fn count(&mut self, bytes: usize) -> Result<usize, Fault> {
        usize::try_from(self.number(bytes)?).map_err(|_| CUT)
    }

    pub fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.take(1)?[0])
    }

    /// An address; none where it stands for none.
    pub fn address(&mut self) -> Result<Option<u64>, Fault> {
        let address = self.number(self.space.address)?;
        Ok((address != self.space.none()).then_some(address))
    }

    /// A length or an offset.
    pub fn length(&mut self) -> Result<u64, Fault> {
        self.number(self.space.length)
    }

    /// That these bytes come next.
    pub fn expect(&mut self, signature: &[u8], fault: Fault) -> Result<(), Fault> {
        match self.take(signature.len())? == signature {
            true => Ok(()),
            false => Err(fault),
        }
    }
}

/// Text up to its first zero.
pub fn text(bytes: &[u8]) -> Result<&str, Fault> {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end]).map_err(|_| "a name or text in it is not UTF-8")
}
