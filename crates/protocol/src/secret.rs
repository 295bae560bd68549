//! Secrets: their one container, which cannot be printed, and the format of those that Tokenry issues.
//!
//! ```text
//! tokenry_cs_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG012345
//! └brand┘ └kind  └ 256 bits: 43 base62 digits           └ CRC-32 of everything before it: 6 base62 digits
//! ```
//!
//! The prefix lets scanners find a leaked one; the checksum lets them (and us) tell a real one from a
//! lookalike without asking a database. It protects against typing errors, not against attackers.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

/// The digits of base62, by value.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ENTROPY_WIDTH: usize = 43;
const CHECKSUM_WIDTH: usize = 6;

/// A secret in memory: wiped when dropped, never printed, never compared with `==`.
///
/// This is the only type in Tokenry that holds one. It has no `Display`, no `Serialize` and no `PartialEq`;
/// whoever needs the text says so with [`Secret::expose`], which is easy to search for.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over `text`, and with it the duty of wiping it.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last four characters, by which an owner recognises it in a list; nothing of one so short (under 16
    /// characters) that four would give away a good part.
    #[must_use]
    pub fn last4(&self) -> &str {
        if self.0.chars().count() < 16 {
            return "";
        }
        self.0.char_indices().rev().nth(3).map_or("", |(at, _)| &self.0[at..])
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The word with which issued secrets begin: a lower-case letter, then up to 15 lower-case letters or digits.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Brand(Cow<'static, str>);

/// The text is no [`Brand`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a brand is a lower-case letter followed by up to 15 lower-case letters or digits")]
pub struct InvalidBrand;

impl Brand {
    /// Reads a brand.
    ///
    /// # Errors
    /// [`InvalidBrand`] unless `text` matches `[a-z][a-z0-9]{0,15}`.
    pub fn parse(text: &str) -> Result<Self, InvalidBrand> {
        let all = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if all && first && text.len() <= 16 {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(InvalidBrand)
        }
    }

    /// The word, without the underscore that follows it in a secret.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Brand {
    fn default() -> Self {
        Self(Cow::Borrowed("tokenry"))
    }
}

impl fmt::Display for Brand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Brand {
    type Err = InvalidBrand;

    fn from_str(text: &str) -> Result<Self, InvalidBrand> {
        Self::parse(text)
    }
}

/// What an issued secret is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SecretKind {
    /// `as`: a developer's account secret, sent as `Authorization: Secret …`.
    AccountSecret,
    /// `cs`: authenticates a client at the token endpoint.
    ClientSecret,
    /// `pat`: a user's personal access token.
    PersonalAccessToken,
    /// `rt`: a refresh token.
    RefreshToken,
    /// `rs`: authenticates a resource server (an API) to the authorization server.
    ResourceServerSecret,
}

impl SecretKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::AccountSecret,
        Self::ClientSecret,
        Self::PersonalAccessToken,
        Self::RefreshToken,
        Self::ResourceServerSecret,
    ];

    /// The letters that stand for it in the secret.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AccountSecret => "as",
            Self::ClientSecret => "cs",
            Self::PersonalAccessToken => "pat",
            Self::RefreshToken => "rt",
            Self::ResourceServerSecret => "rs",
        }
    }
}

/// Writes 256 random bits as a secret of `kind`.
#[must_use]
pub fn issue(brand: &Brand, kind: SecretKind, entropy: &[u8; 32]) -> Secret {
    // Its final size from the start: a growing buffer would leave copies behind that nobody wipes.
    let size = brand.as_str().len() + kind.code().len() + 2 + ENTROPY_WIDTH + CHECKSUM_WIDTH;
    let mut text = Zeroizing::new(String::with_capacity(size));
    text.push_str(brand.as_str());
    text.push('_');
    text.push_str(kind.code());
    text.push('_');
    push_base62(&mut text, entropy, ENTROPY_WIDTH);
    let checksum = crc32fast::hash(text.as_bytes());
    push_base62(&mut text, &checksum.to_be_bytes(), CHECKSUM_WIDTH);
    Secret(text)
}

/// What a presented value looks like, before any look-up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// It begins with our brand, but it is none of our secrets: mistyped, cut off or made up.
    BadChecksum,
    /// One of our secrets, intact. Whether it was ever issued only the database knows.
    Branded(SecretKind),
    /// It does not begin with our brand: perhaps an imported secret, or another issuer's.
    Foreign,
}

/// Tells the shape of a presented value; `brand` is compared exactly.
#[must_use]
pub fn shape(brand: &Brand, value: &str) -> Shape {
    let Some(rest) = value.strip_prefix(brand.as_str()).and_then(|rest| rest.strip_prefix('_')) else {
        return Shape::Foreign;
    };
    intact(value, rest).map_or(Shape::BadChecksum, Shape::Branded)
}

/// The kind of `value`, whose part after the brand is `rest`, if everything about it is right.
fn intact(value: &str, rest: &str) -> Option<SecretKind> {
    let (code, digits) = rest.split_once('_')?;
    let kind = SecretKind::ALL.into_iter().find(|kind| kind.code() == code)?;
    if digits.len() != ENTROPY_WIDTH + CHECKSUM_WIDTH || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    // All ASCII from here on, so that no slice can fall inside a character.
    let (body, given) = value.split_at(value.len() - CHECKSUM_WIDTH);
    let mut due = String::with_capacity(CHECKSUM_WIDTH);
    push_base62(&mut due, &crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECKSUM_WIDTH);
    (due == given).then_some(kind)
}

/// Writes `bytes`, read as one big-endian integer, in base62 (`0-9A-Za-z`), zero-padded to `width` digits.
///
/// Exact for any length: 32 bytes always fill exactly 43 digits, since 62⁴² < 2²⁵⁶ ≤ 62⁴³. A number too large
/// for `width` gets the digits it needs; nothing is ever cut off.
#[must_use]
pub fn base62(bytes: &[u8], width: usize) -> String {
    let mut text = String::with_capacity(width);
    push_base62(&mut text, bytes, width);
    text
}

/// Appends what [`base62`] says.
fn push_base62(text: &mut String, bytes: &[u8], width: usize) {
    let mut number = limbs(bytes);
    let digits = digits(&mut number, width);
    let significant = digits.iter().rposition(|&digit| digit != 0).map_or(0, |at| at + 1);
    let count = significant.max(width);
    text.extend(
        (0..count).rev().map(|at| char::from(BASE62[usize::from(digits.get(at).copied().unwrap_or(0))])),
    );
}

/// Big-endian bytes as 32-bit limbs, most significant first.
fn limbs(bytes: &[u8]) -> Zeroizing<Vec<u32>> {
    let mut limbs = Zeroizing::new(Vec::with_capacity(bytes.len() / 4 + 1));
    let (head, tail) = bytes.split_at(bytes.len() % 4);
    let join = |part: &[u8]| part.iter().fold(0, |limb, &byte| (limb << 8) | u32::from(byte));
    limbs.push(join(head));
    limbs.extend(tail.chunks_exact(4).map(join));
    limbs
}

/// The base62 digits of `number`, least significant first, leaving zero behind; `hint` digits are expected.
fn digits(number: &mut [u32], hint: usize) -> Zeroizing<Vec<u8>> {
    // Five digits a division: 62⁵ is the largest power that fits a limb.
    const STEP: usize = 5;
    const DIVISOR: u64 = 62_u64.pow(5);
    let mut digits = Zeroizing::new(Vec::with_capacity(hint + STEP));
    let mut start = 0;
    while let Some(skip) = number[start..].iter().position(|&limb| limb != 0) {
        start += skip;
        let mut rest = 0_u64;
        for limb in &mut number[start..] {
            let dividend = (rest << 32) | u64::from(*limb);
            *limb = u32::try_from(dividend / DIVISOR).expect("the remainder is below the divisor");
            rest = dividend % DIVISOR;
        }
        for _ in 0..STEP {
            digits.push(u8::try_from(rest % 62).expect("below 62"));
            rest /= 62;
        }
    }
    digits
}
