"""Runs a program in a network namespace with a loopback interface and a DNS
server, which responds to every query with the response code RCODE and no record,
or to no query if RCODE is "silent".

Usage: unshare --map-root-user --net --mount python3 namespace.py RCODE PROGRAM ARG...
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

SIOCSIFFLAGS = 0x8914
IFF_UP = 1


def replace(path: str, text: str) -> None:
    if os.path.exists(path):
        with tempfile.NamedTemporaryFile("w", delete=False) as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        subprocess.run(["mount", "--bind", file.name, path], check=True)
        os.unlink(file.name)


def respond(dns: socket.socket, rcode: int) -> None:
    while True:
        query, client = dns.recvfrom(512)
        # The name ends with an empty label; type and class follow.
        question = query[12 : query.index(0, 12) + 5]
        head = query[:2] + struct.pack(">HHHHH", 0x8180 | rcode, 1, 0, 0, 0)
        dns.sendto(head + question, client)


rcode, *command = sys.argv[1:]
dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(dns, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
dns.bind(("127.0.0.1", 53))
options = "" if rcode == "silent" else "options timeout:1 attempts:1\n"
replace("/etc/resolv.conf", f"nameserver 127.0.0.1\n{options}")
replace("/etc/nsswitch.conf", "hosts: files dns\n")
if rcode != "silent":
    threading.Thread(target=respond, args=(dns, int(rcode)), daemon=True).start()
sys.exit(subprocess.run(command).returncode)
