//! A small static server for the page and its tests: the repository's public folders, or another folder, on 127.0.0.1,
//! with the headers of cross-origin isolation and byte ranges. It answers GET and HEAD and never leaves the folders that
//! `resolve` allows.

mod http;
mod mime;
mod range;
mod resolve;

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use http::Request;
use range::{Range, Span};
use resolve::Folder;

const EVERY: [(&str, &str); 1] = [("Cache-Control", "no-cache")];
const ISOLATION: [(&str, &str); 3] = [
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
];

/// How the page is served.
pub struct Options {
    /// The port; 0 takes any free one.
    pub port: u16,
    /// Whether pages are cross-origin isolated, which shared memory and therefore threads need.
    pub isolated: bool,
}

/// Serves the repository, or the folder `root`, until the process ends. The address is told once connections are accepted.
pub fn serve(root: Option<&Path>, options: &Options, tell: impl FnOnce(&str)) -> Result<()> {
    let folder = Arc::new(root.map_or_else(|| Ok(Folder::repository()), Folder::at)?);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address}; `--port 0` takes a port that is free"))?;
    // Another origin than the repository's, whose page a published site's service worker must not answer for.
    let host = if root.is_some() { "127.0.0.1" } else { "localhost" };
    tell(&format!("http://{host}:{}/", listener.local_addr()?.port()));
    let isolated = options.isolated;
    for stream in listener.incoming().flatten() {
        let folder = Arc::clone(&folder);
        thread::spawn(move || {
            // A browser that closed the connection is no failure of the server.
            let _ = answer(&stream, &folder, isolated);
        });
    }
    Ok(())
}

fn answer(stream: &TcpStream, folder: &Folder, isolated: bool) -> io::Result<()> {
    let Some(request) = Request::read(stream)? else { return Ok(()) };
    let is_head = request.method == "HEAD";
    if request.method != "GET" && !is_head {
        return respond(stream, "405 Method Not Allowed", &[("Allow", "GET, HEAD")], (&b""[..], 0), is_head, isolated);
    }
    let path = folder.resolve(&request.target);
    match path.and_then(|path| Some((File::open(&path).ok()?, path))) {
        Some((file, path)) => answer_file(stream, &request, file, &path, isolated),
        None => {
            let text = b"Not found\n";
            respond(stream, "404 Not Found", &[], (&text[..], text.len() as u64), is_head, isolated)
        }
    }
}

fn answer_file(stream: &TcpStream, request: &Request, mut file: File, path: &Path, isolated: bool) -> io::Result<()> {
    let is_head = request.method == "HEAD";
    let metadata = file.metadata()?;
    let (length, version) = (metadata.len(), version(&metadata));
    // Parts of another version than the client has would not fit: it gets the whole.
    let range = request.range.as_deref().filter(|_| request.if_range.as_ref().is_none_or(|wanted| *wanted == version));
    let (status, span) = match range::parse(range, length) {
        Range::Whole => ("200 OK", Span { start: 0, length }),
        Range::Part(span) => ("206 Partial Content", span),
        Range::Unsatisfiable => {
            let headers = [("Content-Range", &*format!("bytes */{length}"))];
            return respond(stream, "416 Range Not Satisfiable", &headers, (&b""[..], 0), is_head, isolated);
        }
    };
    file.seek(SeekFrom::Start(span.start))?;
    let content_range = format!("bytes {}-{}/{length}", span.start, span.start + span.length.saturating_sub(1));
    let headers = [
        ("Content-Type", mime::of(path)),
        ("ETag", &*version),
        ("Accept-Ranges", "bytes"),
        ("Content-Range", &*content_range),
    ];
    let sent = if status.starts_with("206") { &headers[..] } else { &headers[..3] };
    respond(stream, status, sent, (file.take(span.length), span.length), is_head, isolated)
}

/// An entity tag, which another version of the file does not have: of its size and the time of its last change.
fn version(metadata: &Metadata) -> String {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("\"{:x}-{:x}\"", metadata.len(), changed.unwrap_or_default().as_nanos())
}

/// Sends a response with its own headers and those that every response has; the body comes with its length.
fn respond<R: Read>(
    stream: &TcpStream,
    status: &str,
    headers: &[(&str, &str)],
    (body, length): (R, u64),
    is_head: bool,
    isolated: bool,
) -> io::Result<()> {
    let isolation = if isolated { &ISOLATION[..] } else { &[] };
    let headers = [headers, &EVERY, isolation].concat();
    http::respond(stream, status, &headers, length, (!is_head).then_some(body))
}
