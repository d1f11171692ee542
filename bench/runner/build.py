"""Builds what is compared. What cannot be built is skipped, with the reason."""

import os
import re
import shutil
import subprocess

from paths import BENCH, BUILT, PROGRAMS, ROOT, TOOLS

PYTHON = TOOLS / "bench" / "python"
PROTO = ROOT / "proto" / "helloworld.proto"
# Debian's packages of the tools that are not built here.
PACKAGES = {
    "h2load": "nghttp2-client",
    "wrk": "wrk",
    "nginx": "nginx-light",
    "openssl": "openssl",
    "valgrind": "valgrind",
}
# The programs of the services.
OURS = ["greeter-server", "hello-server", "greeter-client"]
CPP_TOOLS = ["c++", "protoc", "grpc_cpp_plugin", "pkg-config"]
CPP_PACKAGES = "g++ libgrpc++-dev libprotobuf-dev protobuf-compiler-grpc pkg-config"


class Missing(Exception):
    """Something is not here; the text says what, and how to get it."""


def need(*tools):
    for tool in tools:
        if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin"):
            package = PACKAGES.get(tool, tool)
            raise Missing(f"{tool} is missing: apt install {package}")


def run(*command, folder=ROOT, **env):
    """Runs a step of a build; its last line is the reason if it fails."""
    result = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **{name: str(value) for name, value in env.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode != 0:
        lines = result.stdout.strip().splitlines() or ["no output"]
        log = BUILT / "logs" / f"build-{os.path.basename(str(command[0]))}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(result.stdout)
        raise Missing(f"{command[0]} failed: {lines[-1].strip()} ({log})")


# Also of the peers: what Cargo.lock names.
RELEASE = "cargo build --release --locked".split()


def rust(*flags, target=BUILT):
    manifest = BENCH / "peers" / "Cargo.toml"
    run(*RELEASE, "--manifest-path", manifest, *flags, CARGO_TARGET_DIR=target)


def host():
    """Rust's name of this platform."""
    version = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True)
    return re.search(r"^host: (.+)$", version.stdout, flags=re.MULTILINE)[1]


def ours():
    """As in the images: static programs, with packed relocations, and without what zstd
    needs for formats from before its first release."""
    packages = [f"--package={it}" for it in OURS]
    flags = "-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs"
    env = {"RUSTFLAGS": flags, "CFLAGS": "-DZSTD_LEGACY_SUPPORT=0"}
    run(*RELEASE, "--target", host(), *packages, CARGO_TARGET_DIR=BUILT / "ours", **env)
    # A path that does not depend on the platform.
    PROGRAMS.unlink(missing_ok=True)
    PROGRAMS.symlink_to(BUILT / "ours" / host() / "release")


def python():
    requirements = BENCH / "python" / "requirements.txt"
    ready = PYTHON / "ready"
    if not ready.exists() or ready.stat().st_mtime < requirements.stat().st_mtime:
        run("python3", "-m", "venv", "--clear", PYTHON)
        run(PYTHON / "bin" / "pip", "install", "--quiet", "--requirement", requirements)
        ready.touch()
    out = BUILT / "python"
    out.mkdir(parents=True, exist_ok=True)
    protoc(f"--python_out={out}", f"--grpc_python_out={out}")


def protoc(*flags, **env):
    """The compiler that Python's package brings."""
    program = PYTHON / "bin" / "python3"
    run(program, "-m", "grpc_tools.protoc", f"--proto_path={PROTO.parent}", *flags, PROTO, **env)


def go():
    """Go's servers; the code of the contract is generated into their module."""
    need("go")
    folder = BENCH / "go"
    bin_folder = BUILT / "go"
    plugins = ["google.golang.org/protobuf/cmd/protoc-gen-go"]
    plugins += ["google.golang.org/grpc/cmd/protoc-gen-go-grpc"]
    run("go", "install", *plugins, folder=folder, GOBIN=bin_folder)
    out = folder / "helloworld"
    out.mkdir(exist_ok=True)
    package = "Mhelloworld.proto=bench/helloworld"
    protoc(
        *(f"--go_out={out}", "--go_opt=paths=source_relative", f"--go_opt={package}"),
        *(
            f"--go-grpc_out={out}",
            "--go-grpc_opt=paths=source_relative",
            f"--go-grpc_opt={package}",
        ),
        PATH=f"{bin_folder}:{os.environ['PATH']}",
    )
    run("go", "install", "./greeter", "./hello", folder=folder, GOBIN=bin_folder)


def go_clients():
    need("go")
    run("go", "install", "tool", folder=BENCH / "go" / "tools", GOBIN=TOOLS / "bench" / "bin")
    run("make", "--no-print-directory", TOOLS.relative_to(ROOT) / "bin" / "ready")


def cpp():
    for tool in CPP_TOOLS:
        if not shutil.which(tool):
            raise Missing(f"{tool} is missing: apt install {CPP_PACKAGES}")
    program, source = BUILT / "cpp" / "greeter", BENCH / "cpp" / "greeter.cc"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        run(BENCH / "cpp" / "build", PROTO, BUILT / "cpp")


def envoy():
    run("make", "--no-print-directory", "envoy")


# Step, what it is for. Python comes first: Go needs its compiler of the contract.
STEPS = [
    (lambda: need("h2load", "wrk", "openssl"), "load generators"),
    (ours, "the services"),
    (rust, "peers in Rust"),
    (python, "peers in Python"),
    (go, "peers in Go"),
    (go_clients, "ghz, fortio, grpcurl"),
    (cpp, "the peer in C++"),
    (lambda: need("nginx"), "nginx"),
    (envoy, "Envoy"),
]


def everything():
    """Builds what can be built; returns the reasons of what cannot."""
    reasons = []
    for step, what in STEPS:
        print(f"building {what}", flush=True)
        try:
            step()
        except Missing as reason:
            print(f"  {what}: {reason}", flush=True)
            reasons.append(f"{what}: {reason}")
    return reasons
