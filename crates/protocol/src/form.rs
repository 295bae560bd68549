//! `application/x-www-form-urlencoded`, decoded strictly (RFC 6749 appendix B).

/// A `%` that two hexadecimal digits do not follow.
#[derive(Debug)]
pub(crate) struct Malformed;

/// Appends the decoded form of `encoded` to `out`: `+` is a space, `%XX` a byte.
///
/// The `form_urlencoded` crate decodes as browsers do and lets a stray `%` or bad UTF-8 through; two readers
/// that disagree about such input are how parameters get smuggled, so here it is an error. What comes out is
/// bytes: whether they are UTF-8 is the caller's to check.
pub(crate) fn decode_into(encoded: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut rest = encoded;
    while let Some(at) = rest.iter().position(|&byte| byte == b'%' || byte == b'+') {
        out.extend_from_slice(&rest[..at]);
        rest = match &rest[at..] {
            [b'%', high, low, after @ ..] => {
                out.push((hex(*high)? << 4) | hex(*low)?);
                after
            }
            [b'+', after @ ..] => {
                out.push(b' ');
                after
            }
            _ => return Err(Malformed),
        };
    }
    out.extend_from_slice(rest);
    Ok(())
}

fn hex(digit: u8) -> Result<u8, Malformed> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoded: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode_into(encoded.as_bytes(), &mut out).ok().map(|()| out)
    }

    #[test]
    fn decodes_plus_and_percent() {
        assert_eq!(decode("a+b%2Bc%3a%3A%C3%A9").unwrap(), "a b+c::é".as_bytes());
        assert_eq!(decode("").unwrap(), b"");
    }

    #[test]
    fn a_stray_percent_is_an_error() {
        for encoded in ["%", "%4", "a%", "100%", "%zz", "%4g", "%+1", "%%41"] {
            assert!(decode(encoded).is_none(), "{encoded}");
        }
    }
}
