//! Reading a client's own claims from a file.

use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value};

use crate::failure::{Code, Failure, Result};

/// More than claims may ever be long, in bytes.
const MAX_FILE: u64 = 16 * 1024;

/// The JSON object in `file`; `-` is standard input. A member that stands there twice is refused, not dropped.
pub(super) fn read(file: &Path) -> Result<Map<String, Value>> {
    let bad = |why: String| Failure::new(Code::Usage, format!("the claims in {}: {why}", file.display()));
    let mut text = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(MAX_FILE).read_to_end(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(MAX_FILE).read_to_end(&mut text))
    };
    read.map_err(|error| bad(format!("the file cannot be read: {error}")))?;
    match tokenry_jose::json::from_slice(&text) {
        Ok(Value::Object(claims)) => Ok(claims),
        Ok(_other) => Err(bad("they must be a JSON object".to_owned())),
        Err(error) => Err(bad(error.to_string())),
    }
}
