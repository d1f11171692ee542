//! Compiles `proto/` with protox, which needs no installed `protoc`.

use std::{env, fs, path::PathBuf};

use prost::Message;

const PROTO_DIR: &str = "../../proto";
const PROTOS: [&str; 2] = ["helloworld.proto", "grpc/health/v1/health.proto"];

fn main() -> anyhow::Result<()> {
    println!("cargo:rerun-if-changed={PROTO_DIR}");
    let descriptors = protox::compile(PROTOS, [PROTO_DIR])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
