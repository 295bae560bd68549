//! Builds again when a page of the documentation comes or goes, which the pages that are there cannot tell.

fn main() {
    println!("cargo::rerun-if-changed=../../docs");
    println!("cargo::rerun-if-changed=templates");
}
