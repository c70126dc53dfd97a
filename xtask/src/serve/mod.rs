//! A small static server for the page and its tests: the repository's public folders on 127.0.0.1, with the headers of
//! cross-origin isolation and byte ranges. It answers GET and HEAD and never leaves the folders that `resolve` allows.

mod mime;
mod range;
mod resolve;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread;

use anyhow::{Result, anyhow};
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use crate::paths;
use range::{Range, Span};

/// How the page is served.
pub struct Options {
    /// The port; 0 takes any free one.
    pub port: u16,
    /// Whether pages are cross-origin isolated, which shared memory and therefore threads need.
    pub isolated: bool,
}

/// Serves until the process ends. The address is printed alone on a line of stdout once connections are accepted.
pub fn serve(options: &Options) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let server = Server::http(address).map_err(|error| anyhow!("cannot listen on {address}: {error}"))?;
    let port = server.server_addr().to_ip().map_or(options.port, |bound| bound.port());
    println!("http://localhost:{port}/");
    let isolated = options.isolated;
    for request in server.incoming_requests() {
        thread::spawn(move || {
            // A browser that closed the connection is no failure of the server.
            let _ = answer(request, isolated);
        });
    }
    Ok(())
}

fn answer(request: Request, isolated: bool) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return respond(request, Response::empty(405), &[("Allow", "GET, HEAD")], isolated);
    }
    let opened = resolve::resolve(paths::root(), request.url()).and_then(|path| Some((File::open(&path).ok()?, path)));
    match opened {
        Some((file, path)) => answer_file(request, file, &path, isolated),
        None => respond(request, Response::from_string("Not found\n").with_status_code(404), &[], isolated),
    }
}

fn answer_file(request: Request, mut file: File, path: &Path, isolated: bool) -> std::io::Result<()> {
    let length = file.metadata()?.len();
    let asked = request.headers().iter().find(|header| header.field.equiv("Range"));
    let (status, span) = match range::parse(asked.map(|header| header.value.as_str()), length) {
        Range::Whole => (200, Span { start: 0, length }),
        Range::Part(span) => (206, span),
        Range::Unsatisfiable => {
            let content_range = format!("bytes */{length}");
            return respond(request, Response::empty(416), &[("Content-Range", &content_range)], isolated);
        }
    };
    file.seek(SeekFrom::Start(span.start))?;
    let body = file.take(span.length);
    let response = Response::new(StatusCode(status), Vec::new(), body, usize::try_from(span.length).ok(), None);
    let content_range = format!("bytes {}-{}/{length}", span.start, span.start + span.length.saturating_sub(1));
    let headers = [("Content-Type", mime::of(path)), ("Accept-Ranges", "bytes"), ("Content-Range", &content_range)];
    let sent = if status == 206 { &headers[..] } else { &headers[..2] };
    respond(request, response, sent, isolated)
}

/// Sends a response with its own headers and those that every response has.
fn respond<R: Read>(
    request: Request,
    response: Response<R>,
    headers: &[(&str, &str)],
    isolated: bool,
) -> std::io::Result<()> {
    const EVERY: [(&str, &str); 1] = [("Cache-Control", "no-cache")];
    const ISOLATED: [(&str, &str); 3] = [
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Embedder-Policy", "require-corp"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ];
    let isolation = if isolated { &ISOLATED[..] } else { &[] };
    let mut response = response.with_chunked_threshold(usize::MAX);
    for (name, value) in headers.iter().chain(&EVERY).chain(isolation) {
        if let Ok(header) = Header::from_bytes(*name, *value) {
            response.add_header(header);
        }
    }
    request.respond(response)
}
