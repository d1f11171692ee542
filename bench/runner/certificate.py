"""A certificate for localhost, which signs itself."""

import subprocess

from paths import BUILT


def files():
    """The paths of the certificate and of its key."""
    cert, key = BUILT / "cert.pem", BUILT / "key.pem"
    if not (cert.exists() and key.exists()):
        BUILT.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "3650"]
            + ["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=localhost"]
            + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
            + ["-addext", "basicConstraints=critical,CA:FALSE"]
            + ["-keyout", key, "-out", cert],
            check=True,
            capture_output=True,
        )
    return cert, key
