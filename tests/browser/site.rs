//! The page from a plain static file server: no service behind it.

use std::{
    collections::BTreeMap,
    fs,
    hash::Hasher as _,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use postroom_core::{Digest, SEMANTICS_VERSION};

/// The page's files by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The page as `cargo xtask test` built it.
pub(crate) fn built_page() -> Files {
    let dist = std::env::var_os("POSTROOM_DIST")
        .expect("run the browser tests with `cargo xtask test --only browser`");
    fs::read_dir(Path::new(&dist))
        .expect("the page is built")
        .map(|entry| {
            let entry = entry.expect("a folder can be read to its end");
            let name = entry.file_name().into_string().expect("names are text");
            (name, fs::read(entry.path()).expect("the page can be read"))
        })
        .collect()
}

/// Serves files until the tests end; answers the address of index.html.
pub(crate) fn serve(files: Files) -> String {
    serve_while(files, Arc::new(AtomicBool::new(true)))
}

/// The same, but nobody is answered while the network is down.
#[expect(clippy::disallowed_methods, reason = "a browser asks for several files at once")]
pub(crate) fn serve_while(files: Files, network: Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    let files = Arc::new(files);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            if !network.load(Ordering::SeqCst) {
                continue;
            }
            let files = Arc::clone(&files);
            // A browser that goes away in the middle is none of the test's business.
            thread::spawn(move || answer(stream, &files).unwrap_or_default());
        }
    });
    format!("http://{address}/")
}

/// The part after `#` of a link to a scenario, made without compressing.
pub(crate) fn scenario_link(text: &str) -> String {
    let head = format!("1.{SEMANTICS_VERSION}");
    let mut digest = Digest::default();
    digest.write(format!("{head}.{text}").as_bytes());
    // One stored block of RFC 1951, the last one: its length, the complement, the bytes.
    let length = u16::try_from(text.len()).expect("a short text");
    let mut packed = vec![1];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(text.as_bytes());
    format!("scenario={head}.{:016x}.{}", digest.finish(), base64url(&packed))
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = bytes.chunks(3).flat_map(|chunk| {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |n| DIGITS[(bits >> (18 - 6 * n) & 63) as usize] as char)
    });
    digits.collect()
}

fn answer(stream: TcpStream, files: &Files) -> std::io::Result<()> {
    let mut lines = BufReader::new(&stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The rest of the head is read, since closing on unread bytes would tear the answer.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = request.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default().trim_start_matches('/');
    let name = if path.is_empty() { "index.html" } else { path };
    let (status, body) = match files.get(name) {
        Some(body) => ("200 OK", body.as_slice()),
        None => ("404 Not Found", b"".as_slice()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        media_type(name),
        body.len()
    );
    let mut stream = &stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
