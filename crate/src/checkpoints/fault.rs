//! What is wrong within a container of a file, as errors say it.

use std::fmt;

/// Why a pickle cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickleFault {
    /// An opcode outside the subset.
    #[error("opcode 0x{0:02x} is none that a state dict uses: save model.state_dict() with torch.save")]
    Opcode(u8),
    /// An operand or opcode beyond the end.
    #[error("it ends too early: it is cut short")]
    Short,
    /// Operands that do not fit the opcode.
    #[error("{0}")]
    Malformed(&'static str),
}

/// Why an archive cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZipFault {
    /// No end of a central directory.
    #[error("its table of contents is missing: it is cut short; fetch it again")]
    NoDirectory,
    /// A header that lies outside the file or does not begin with its signature.
    #[error("its table of contents is damaged: fetch it again")]
    Damaged,
    /// An entry whose bytes are not those that were written.
    #[error("its content is damaged: the checksum is another")]
    Checksum,
    /// A deflated or encrypted entry.
    #[error("it is compressed or encrypted, which torch.save does not do: save it anew")]
    NotStored,
}

/// What is wrong with a message of protocol buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtobufFault {
    /// It ends within a field.
    CutShort,
    /// A number of more than 64 bits.
    Number,
    /// A field of number 0, or of a kind that is not used.
    Field,
    /// A name that is not UTF-8.
    Text,
}

impl fmt::Display for ProtobufFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::CutShort => "it is damaged or cut short",
            Self::Number => "a number is too long: it is damaged",
            Self::Field => "there is no such field: it is damaged, or of another format than its name says",
            Self::Text => "a name is not UTF-8: it is damaged",
        })
    }
}
