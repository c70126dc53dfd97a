//! HTTP/1.1 (RFC 9112) as far as a static server needs it: the head of a request in, a response out, one exchange a connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The longest head of a request, in bytes.
const HEAD_LIMIT: u64 = 64 * 1024;
/// Browsers open connections ahead of need; one that asks nothing for so long is closed.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a client asks.
pub struct Request {
    /// `GET`, `HEAD` or another method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The value of the header `Range`.
    pub range: Option<String>,
    /// The value of the header `If-Range`.
    pub if_range: Option<String>,
}

impl Request {
    /// Reads the head of a request; `None` where the client closed the connection or sent something else.
    pub fn read(stream: &TcpStream) -> io::Result<Option<Self>> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut lines = BufReader::new(stream.take(HEAD_LIMIT)).lines();
        let Some(first) = lines.next().transpose()? else { return Ok(None) };
        let mut words = first.split_ascii_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
        let mut request = Self { method: method.to_owned(), target: target.to_owned(), range: None, if_range: None };
        for line in lines {
            let line = line?;
            if line.is_empty() {
                return Ok(Some(request));
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            match name.to_ascii_lowercase().as_str() {
                "range" => request.range = Some(value.trim().to_owned()),
                "if-range" => request.if_range = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        Ok(None)
    }
}

/// Sends a response; `length` is that of the body, which is left out where `body` is `None`.
pub fn respond<R: Read>(
    mut stream: &TcpStream,
    status: &str,
    headers: &[(&str, &str)],
    length: u64,
    body: Option<R>,
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    if let Some(mut body) = body {
        io::copy(&mut body, &mut stream)?;
    }
    stream.flush()
}
