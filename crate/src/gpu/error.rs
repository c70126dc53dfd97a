use crate::graph::FoldError;

/// Why a network cannot be prepared for, or run on, the GPU.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GpuError {
    /// There is no adapter, or it refuses a device.
    #[error("no GPU: {reason}")]
    NoAdapter {
        /// What the system says.
        reason: String,
    },
    /// The device is gone: a driver reset, or an unplugged adapter.
    #[error("the GPU was lost: {reason}")]
    Lost {
        /// What the system says.
        reason: String,
    },
    /// Memory was refused.
    #[error("out of GPU memory: {reason}")]
    OutOfMemory {
        /// What the system says.
        reason: String,
    },
    /// A shader or a call that the device refuses.
    #[error("the GPU refused: {reason}")]
    Refused {
        /// What the system says.
        reason: String,
    },
    /// A buffer larger than the device can bind.
    #[error("{what} needs a buffer of {wanted} bytes, the GPU binds {limit}")]
    Limit {
        /// A layer's weights, or the activations.
        what: String,
        /// Bytes needed.
        wanted: u64,
        /// Bytes that one binding can hold.
        limit: u64,
    },
    /// A branch that does not start or end at a multiple of four channels of its module's output.
    #[error("{layer} starts or ends at channel {channel} of its module's output, which is not a multiple of four")]
    Unaligned {
        /// The branch.
        layer: String,
        /// Its first channel, or the one after its last.
        channel: usize,
    },
    /// A layer's weights are of the wrong length, or their batch norm has no square root.
    #[error("{layer}: {source}")]
    Weights {
        /// The layer.
        layer: String,
        /// What is wrong.
        source: FoldError,
    },
    /// The weights of a layer are not there for the reverse pass.
    #[error("the weights of {layer} are not prepared for the reverse pass")]
    Unprepared {
        /// The layer.
        layer: String,
    },
    /// The input has another length than the network's.
    #[error("the input has {found} values, the network takes {wanted}")]
    Input {
        /// Height x width x 3.
        wanted: usize,
        /// The length found.
        found: usize,
    },
}

/// The most characters of a message: compilers go on with the whole source.
const MOST_CHARACTERS: usize = 400;

/// What a message says on one line, without the stacks and the debug form that browsers' errors come in.
pub(super) fn in_one_line(message: &str) -> String {
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("at "));
    let line = lines.collect::<Vec<_>>().join(" ");
    let inner = line.rsplit_once("JsValue(").map_or(&line[..], |(_, inner)| inner.trim_end_matches(')'));
    inner.chars().take(MOST_CHARACTERS).collect()
}

impl From<wgpu::Error> for GpuError {
    fn from(error: wgpu::Error) -> Self {
        let reason = in_one_line(&error.to_string());
        match error {
            wgpu::Error::OutOfMemory { .. } => Self::OutOfMemory { reason },
            wgpu::Error::Validation { .. } | wgpu::Error::Internal { .. } => Self::Refused { reason },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_one_line;

    #[test]
    fn messages_lose_what_wraps_them() {
        let thrown = "JsValue(OperationError: no device\nOperationError: no device\n    at open (x.js:1))";
        assert_eq!(in_one_line(thrown), "OperationError: no device OperationError: no device");
        assert_eq!(in_one_line("Validation Error\n\nCaused by:\n  a buffer\n"), "Validation Error Caused by: a buffer");
    }
}
