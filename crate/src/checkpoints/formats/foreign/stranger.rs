//! Files that are no models, by how they begin: so that an error says what they are.

use super::first_byte;

/// How a file begins, and what it is.
const BEGINNINGS: [(&[u8], &str); 11] = [
    (b"version https://git-lfs", "a Git LFS pointer (`git lfs pull` fetches the file itself)"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a picture, a sound or a film"),
    (b"%PDF", "a PDF document"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive (unpack it)"),
    (b"Rar!", "a RAR archive (unpack it)"),
    (b"GGUF", "a model of llama.cpp (GGUF)"),
    (b"ftrt", "an engine of TensorRT, which runs on one GPU only (take the ONNX file that it was made of)"),
];
/// What files are that begin as others may, by what their names end in.
const ENDINGS: [(&str, &str); 9] = [
    (".mlmodel", "a model of Core ML (take the PyTorch or Keras file that it was made of)"),
    (".mlpackage", "a model of Core ML (take the PyTorch or Keras file that it was made of)"),
    (".msgpack", "weights of Flax (save them with safetensors under the names of a PyTorch or Keras model)"),
    (".npz", "an archive of NumPy arrays (save them with safetensors.numpy.save_file)"),
    (".npy", "a NumPy array"),
    (".params", "weights of MXNet (export the model as ONNX)"),
    (".pdparams", "weights of Paddle (export the model as ONNX)"),
    (".mar", "an archive of TorchServe (unpack it and take the .pth inside)"),
    (".joblib", "an object of joblib (save the state dict with torch.save)"),
];
/// Bytes of a text that are looked at.
const MOST_TEXT: usize = 1024;
/// Shorter texts might be anything.
const LEAST_TEXT: usize = 16;

/// What a file is, where that is no model; of a web page others know.
pub(super) fn of(bytes: &[u8]) -> Option<&'static str> {
    // The mark of a flat buffer stands behind its first offset.
    if bytes.get(4..8) == Some(b"TFL3") {
        return Some("a model of TensorFlow Lite (take the Keras file or SavedModel that it was made of)");
    }
    let known = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)).map(|(_, what)| *what);
    let is_page = first_byte(bytes) == Some(b'<');
    known.or_else(|| (!is_page && is_text(&bytes[..bytes.len().min(MOST_TEXT)])).then_some("a text"))
}

/// The same by the file's name, where its content is of no format that is read.
pub(super) fn by_name(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, what)| *what)
}

fn is_text(bytes: &[u8]) -> bool {
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // A character may be cut off at the end.
        Err(error) if error.error_len().is_none() => return is_text(&bytes[..error.valid_up_to()]),
        Err(_) => return false,
    };
    whole.len() >= LEAST_TEXT && !whole.chars().any(|c| c.is_control() && !c.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_a_file_is() {
        for (bytes, wanted) in [
            (&b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n"[..], Some("a Git LFS pointer")),
            (b"\x89PNG\r\n\x1a\n", Some("a PNG picture")),
            (b"\x1c\0\0\0TFL3\x14\0\x20\0", Some("a model of TensorFlow Lite")),
            (b"GGUF\x03\0\0\0", Some("a model of llama.cpp")),
            (b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'", Some("a NumPy array")),
            ("# Ein Modell für Bilder\n\nÜber".as_bytes(), Some("a text")),
            (b"# Grenzf\xc3", None),
            (b"# Ein Modell f\xc3\xbcr Bilder \xc3", Some("a text")),
            (b"name: \0\x01 and so on, more of it", None),
            (b"short", None),
            (b"", None),
        ] {
            let found = of(bytes);
            assert!(
                found.is_some() == wanted.is_some() && found.unwrap_or("").starts_with(wanted.unwrap_or("")),
                "{found:?}"
            );
        }
    }
}
