//! Makes functions of what pages and mails say, one for each message of `locales/`; and builds again when a page of the
//! documentation comes or goes, which the pages that are there cannot tell.

use std::path::Path;
use std::process::ExitCode;

use fluent_typed::{BuildOptions, FtlOutputOptions, LintLevel, build_from_locales_folder};

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by it alone where to write")]
fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=../../docs");
    println!("cargo::rerun-if-changed=templates");
    let Some(out) = std::env::var_os("OUT_DIR") else { return ExitCode::FAILURE };
    let place = |name: &str| Path::new(&out).join(name).to_string_lossy().into_owned();
    // Values stand out by an element around them, which isolates them as well, and better than a character within.
    let options = BuildOptions::default()
        .with_output_file_path(&place("words.rs"))
        .with_ftl_output(FtlOutputOptions::single_file(&place("words.ftl")))
        .with_prefix("")
        .with_lint_level(LintLevel::Strict)
        .without_bidi_isolation()
        .without_format();
    build_from_locales_folder(options)
}
