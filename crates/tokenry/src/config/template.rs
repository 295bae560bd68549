//! The commented configuration that `init` writes.

use super::keys::KEYS;

/// The commented configuration, with the given lines in place of the defaults: `("database", "database = …")`.
#[must_use]
pub(crate) fn template(replaced: &[(&str, String)]) -> String {
    let mut out = String::from(
        "# Tokenry's configuration. Every key has a twin in the environment, named after its place:\n\
         # TOKENRY_SECTION_KEY, and TOKENRY_SECTION_KEY_FILE for the name of a file that holds the value.\n\
         # Relative paths are relative to this file's folder.\n",
    );
    let mut section = "";
    for key in KEYS {
        let here = key.path.split_once('.').map_or("", |(section, _key)| section);
        if here != section {
            section = here;
            out.push_str(&format!("\n[{section}]\n"));
        }
        let line = replaced.iter().find(|(path, _line)| *path == key.path);
        let line = line.map_or(key.example, |(_path, line)| line);
        out.push_str(&format!("\n# {}\n{line}\n", key.meaning));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::load::parse;

    #[test]
    fn the_template_is_a_configuration_with_every_key() {
        let text = template(&[]);
        let config: Config = parse(&text, &|_name| None).unwrap();
        assert_eq!(config.listen.port(), 8700);
        for key in KEYS {
            let name = key.path.rsplit('.').next().unwrap();
            assert!(text.contains(&format!("{name} = ")), "{name}");
        }
    }
}
