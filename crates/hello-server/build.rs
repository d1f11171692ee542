//! Puts the page's document together: without what is for its authors only, and
//! compressed, because the program has a decompressor already.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::DeflateEncoder};

const PAGE: &str = "src/page";

/// Each uses those before it.
const SCRIPTS: [&str; 10] = [
    "dom.js",
    "grpc_web.js",
    "calls.js",
    "identity.js",
    "greeting.js",
    "samples.js",
    "chart.js",
    "table.js",
    "cells.js",
    "live.js",
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={PAGE}");
    let script: Vec<_> = SCRIPTS.into_iter().map(packed).collect::<io::Result<_>>()?;
    let document = packed("index.html")?
        .replace("{{style}}", &packed("style.css")?)
        .replace("{{script}}", &script.concat());
    let directory = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let file = fs::File::create(directory.join("page.deflate"))?;
    let mut encoder = DeflateEncoder::new(file, Compression::best());
    encoder.write_all(document.as_bytes())?;
    encoder.finish()?;
    Ok(())
}

/// A file without indentation, empty lines and lines that are comments.
fn packed(name: &str) -> io::Result<String> {
    let text = fs::read_to_string(Path::new(PAGE).join(name))?;
    let lines = text
        .split_inclusive('\n')
        .map(|it| it.trim_start_matches(' '));
    let kept = lines.filter(|it| !["//", "/*", "\n"].iter().any(|start| it.starts_with(start)));
    Ok(kept.collect())
}
