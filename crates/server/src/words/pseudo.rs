//! A language that nobody reads, made of English: every letter is foreign, the text a third longer, the page right to left.
//! Who makes pages sees by it what was left out of the catalogues, and what has no room.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};
use fluent_syntax::parser::parse;
use fluent_syntax::serializer::serialize;

use super::catalogue::L10nLanguage;
use super::language::Language;

/// For each letter what is written for it; vowels are written twice.
const LETTERS: [(&str, &str); 2] = [
    ("abcdefghijklmnopqrstuvwxyz", "áƀćđéƒǧħíĵķłɱńóƥɋřšŧúṽŵẋýž"),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ÁɃĆĐÉƑǦĦÍĴĶŁḾŃÓƤɊŘŠŦÚṼŴẊÝŽ"),
];

/// All messages of `english`, foreign.
pub(super) fn messages(english: &[u8]) -> L10nLanguage {
    let text = String::from_utf8_lossy(english).into_owned();
    let mut resource = parse(text).unwrap_or_else(|(resource, _errors)| resource);
    estrange(&mut resource);
    L10nLanguage::new_external(Language::Pseudo.tag(), serialize(&resource).as_bytes())
        .expect("it has every message that English has, and each is told the same")
}

fn estrange(resource: &mut Resource<String>) {
    for entry in &mut resource.body {
        if let Entry::Message(message) = entry {
            message.value.iter_mut().for_each(estrange_pattern);
        }
    }
}

fn estrange_pattern(pattern: &mut Pattern<String>) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } => *value = foreign(value),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                variants.iter_mut().for_each(|variant| estrange_pattern(&mut variant.value));
            }
            PatternElement::Placeable { expression: Expression::Inline(inline) } => estrange_inline(inline),
        }
    }
}

fn estrange_inline(inline: &mut InlineExpression<String>) {
    if let InlineExpression::StringLiteral { value } = inline {
        *value = foreign(value);
    }
}

fn foreign(text: &str) -> String {
    let mut said = String::new();
    for letter in text.chars() {
        let foreign = LETTERS.iter().find_map(|(ours, theirs)| {
            let place = ours.chars().position(|it| it == letter)?;
            theirs.chars().nth(place)
        });
        said.push(foreign.unwrap_or(letter));
        if let Some(foreign) = foreign.filter(|_| "aeiouAEIOU".contains(letter)) {
            said.push(foreign);
        }
    }
    said
}
