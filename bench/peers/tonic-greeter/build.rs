//! Compiles the contract, as `crates/greeter-proto` does.

fn main() -> anyhow::Result<()> {
    let folder = "../../../proto";
    println!("cargo:rerun-if-changed={folder}");
    let descriptors = protox::compile(["helloworld.proto"], [folder])?;
    tonic_prost_build::configure()
        .build_client(false)
        .compile_fds(descriptors)?;
    Ok(())
}
