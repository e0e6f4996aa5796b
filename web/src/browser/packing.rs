//! Compressing and decompressing, by the browser's own code.

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    ReadableStream, ReadableStreamDefaultReader, WritableStream,
    js_sys::{Promise, Reflect, Uint8Array},
};

/// The method of RFC 1951, without a frame around it.
const METHOD: &str = "deflate-raw";

/// Why something was not compressed or decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackingError {
    /// The browser cannot do this.
    Unsupported,
    /// There would be more bytes than wanted; it was stopped there.
    TooLarge,
    /// This is not what compressing gives.
    Damaged,
}

// What web-sys does not offer yet: both are in all browsers since 2023.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = CompressionStream)]
    type CompressionStream;
    #[wasm_bindgen(constructor, js_class = "CompressionStream", catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;

    #[wasm_bindgen(js_name = DecompressionStream)]
    type DecompressionStream;
    #[wasm_bindgen(constructor, js_class = "DecompressionStream", catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;

    /// What both are.
    type Transform;
    #[wasm_bindgen(method, getter)]
    fn readable(this: &Transform) -> ReadableStream;
    #[wasm_bindgen(method, getter)]
    fn writable(this: &Transform) -> WritableStream;
}

/// Compresses bytes.
///
/// # Errors
/// [`PackingError::Unsupported`].
pub async fn pack(bytes: &[u8]) -> Result<Vec<u8>, PackingError> {
    let stream = CompressionStream::new(METHOD).map_err(|_| PackingError::Unsupported)?;
    through(stream.unchecked_ref(), bytes, usize::MAX).await
}

/// Decompresses bytes, to at most so many.
///
/// # Errors
/// [`PackingError`] says why there is no result.
pub async fn unpack(bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>, PackingError> {
    let stream = DecompressionStream::new(METHOD).map_err(|_| PackingError::Unsupported)?;
    through(stream.unchecked_ref(), bytes, bytes_max).await
}

async fn through(
    stream: &Transform,
    bytes: &[u8],
    bytes_max: usize,
) -> Result<Vec<u8>, PackingError> {
    let writer = stream.writable().get_writer().map_err(|_| PackingError::Unsupported)?;
    // They end when what comes out has been read; what fails fails there too.
    forget(writer.write_with_chunk(&Uint8Array::from(bytes)));
    forget(writer.close());
    let reader = ReadableStreamDefaultReader::new(&stream.readable())
        .map_err(|_| PackingError::Unsupported)?;
    let mut result = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await.map_err(|_| PackingError::Damaged)?;
        let is_done = Reflect::get(&part, &"done".into()).is_ok_and(|done| done.is_truthy());
        if is_done {
            return Ok(result);
        }
        let value = Reflect::get(&part, &"value".into()).map_err(|_| PackingError::Damaged)?;
        let chunk = value.dyn_into::<Uint8Array>().map_err(|_| PackingError::Damaged)?;
        if result.len() + chunk.length() as usize > bytes_max {
            forget(reader.cancel());
            return Err(PackingError::TooLarge);
        }
        result.extend(chunk.to_vec());
    }
}

/// Whether it is kept is said elsewhere: an unheard refusal would be an error in the console.
fn forget(promise: Promise) {
    spawn_local(async move {
        let _ = JsFuture::from(promise).await;
    });
}
