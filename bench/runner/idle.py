"""Connections that have made one call and stay open, and what they cost a server."""

import selectors
import socket
import ssl
import struct
import time

import http2
import messages

# Until every connection has its reply.
DEADLINE_SECONDS = 60
# Close with a reset: thousands of ports in TIME_WAIT would be missing in the next run.
RESET = struct.pack("ii", 1, 0)


def _context():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context


class Connection:
    """One call over a connection of its own, without blocking."""

    def __init__(self, port, load, context):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.socket.setblocking(False)
        self.socket.connect_ex(("127.0.0.1", port))
        self._context = context
        self._shaking = bool(context)
        scheme = "https" if load.tls else "http"
        self._unsent = http2.call(load.method, messages.request(load.size), scheme)
        self.answer = http2.Answer()

    def _shake_hands(self):
        # A socket can be wrapped only once it is connected.
        if not isinstance(self.socket, ssl.SSLSocket):
            self.socket = self._context.wrap_socket(self.socket, do_handshake_on_connect=False)
        self.socket.do_handshake()

    def advance(self):
        """Does what can be done now; returns the events to wait for."""
        try:
            if self._shaking:
                self._shake_hands()
                self._shaking = False
            while self._unsent:
                self._unsent = self._unsent[self.socket.send(self._unsent) :]
            while not self.answer.ended:
                received = self.socket.recv(65536)
                if not received:
                    raise ConnectionError("the server has closed the connection")
                reply = self.answer.read(received)
                if reply:
                    self.socket.send(reply)
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except ssl.SSLWantWriteError:
            return selectors.EVENT_WRITE
        if self._unsent and not self._shaking:
            return selectors.EVENT_WRITE
        return selectors.EVENT_READ


def open_all(count, port, load):
    """Opens connections at once, each with one call. Returns them and the seconds
    until the last one had its reply."""
    context = _context() if load.tls else None
    start = time.perf_counter()
    selector = selectors.DefaultSelector()
    connections = [Connection(port, load, context) for _ in range(count)]
    for connection in connections:
        selector.register(connection.socket.fileno(), selectors.EVENT_WRITE, connection)
    open_calls = count
    while open_calls:
        if time.perf_counter() - start > DEADLINE_SECONDS:
            raise RuntimeError(f"{open_calls} of {count} connections have no reply")
        for key, _ in selector.select(timeout=1):
            events = key.data.advance()
            if key.data.answer.ended:
                selector.unregister(key.fileobj)
                open_calls -= 1
            elif events != key.events:
                selector.modify(key.fileobj, events, key.data)
    return connections, time.perf_counter() - start


def check(port, load):
    """Fails unless the server sends the greeting that is expected."""
    try:
        connections, _ = open_all(1, port, load)
    except OSError as error:
        raise RuntimeError(f"the first call failed: {error}") from error
    body = connections[0].answer.body
    connections[0].socket.close()
    expected = messages.replies(load.method, load.size)
    if body != expected:
        raise RuntimeError(f"it replies {body[:60]!r}, not {expected[:60]!r}")
