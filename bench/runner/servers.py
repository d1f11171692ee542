"""The servers that are compared, and how each is started. A peer's program takes
PORT [CERT KEY]."""

from dataclasses import dataclass
from pathlib import Path

import certificate
from paths import BENCH, BUILT, PROGRAMS, TOOLS
from process import Process, free_port

OURS = "greeter-server"
LIMIT = "bare h2 (the limit)"
HELLO = "hello-server"

NOT_BUILT = "not built: the start of the output says why"
# The signals as a cluster has them: metrics on, the access log sampled. Half of
# --max-requests is what connections may use without regard to each other: more than
# the 1,000 calls that the largest load has in flight. A stop needs no drain here.
OUR_FLAGS = [
    *("--admin", "127.0.0.1:0", "--access-log", "0.01"),
    *("--max-requests", "2500"),
    *("--drain-delay", "0s", "--drain-timeout", "2s"),
]


@dataclass(frozen=True)
class Server:
    name: str
    # What `build` makes, without which it is skipped.
    program: Path
    # Of a script: its interpreter.
    interpreter: tuple = ()
    ours: bool = False
    tls: bool = True
    # Variables of the environment.
    env: tuple = ()

    def command(self, port, cores, tls=False, flags=()):
        files = certificate.files() if tls else ()
        if self.ours:
            names = ("--tls-cert", "--tls-key")
            pairs = [word for pair in zip(names, files) for word in pair]
            address = f"127.0.0.1:{port}"
            return [self.program, "--listen", address, *OUR_FLAGS, *pairs, *flags]
        return [*self.interpreter, self.program, port, *files]

    def start(self, cores, tls=False, flags=()):
        """Returns the process, its port, and the seconds until it was ready."""
        port = free_port()
        log = BUILT / "logs" / f"{self.name.split()[0]}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        command = self.command(port, cores, tls, flags)
        process = Process(command, cores, log, dict(self.env))
        try:
            return process, port, process.wait_until_it_accepts(port)
        except RuntimeError:
            process.stop()
            raise


class Nginx(Server):
    def command(self, port, cores, tls=False, flags=()):
        folder = BUILT / "nginx"
        folder.mkdir(parents=True, exist_ok=True)
        cert, key = certificate.files()
        lines = f"ssl_certificate {cert}; ssl_certificate_key {key};" if tls else ""
        text = (BENCH / "nginx.conf").read_text()
        (folder / "nginx.conf").write_text(
            text.format(
                cores=len(cores),
                folder=folder,
                port=port,
                ssl=" ssl" if tls else "",
                certificate=lines,
            )
        )
        return [self.program, "-e", "stderr", "-c", folder / "nginx.conf"]


PYTHON = TOOLS / "bench" / "python" / "bin" / "python3"
RUST = BUILT / "release"
SCRIPTS = BENCH / "python"
GENERATED = (("PYTHONPATH", str(BUILT / "python")),)

GREETERS = [
    Server(LIMIT, RUST / "h2-limit"),
    Server(OURS, PROGRAMS / "greeter-server", ours=True),
    Server("tonic", RUST / "tonic-greeter"),
    Server("grpc-go", BUILT / "go" / "greeter"),
    Server("gRPC C++", BUILT / "cpp" / "greeter"),
    Server("gRPC Python", SCRIPTS / "greeter.py", (PYTHON,), env=GENERATED),
]
HELLOS = [
    Server(HELLO, PROGRAMS / "hello-server", ours=True),
    Server("axum", RUST / "axum-hello", tls=False),
    Server("Go net/http", BUILT / "go" / "hello"),
    Nginx("nginx return 200", Path("/usr/sbin/nginx")),
    Server("helloserver (Python)", SCRIPTS / "hello.py", (PYTHON,), tls=False),
]
GREETER = GREETERS[1]
