"""The smallest HTTP/2 client that can make one call: to check a server's answer, and
to leave its connection idle."""

import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, WINDOW_UPDATE, GOAWAY = 0, 1, 4, 8, 7
END_STREAM, END_HEADERS, ACK = 1, 4, 1
STREAM_ID = 1
# Enough for any reply that is measured.
WINDOW = 1 << 20


def _frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _header(name, value):
    """A literal header field that enters no table; names and values are short."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def call(method, message, scheme):
    """The bytes of a connection's start and of one call."""
    fields = [
        (b":method", b"POST"),
        (b":scheme", scheme.encode()),
        (b":path", f"/helloworld.Greeter/{method}".encode()),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
    ]
    block = b"".join(_header(*field) for field in fields)
    return (
        PREFACE
        + _frame(SETTINGS, 0, 0, struct.pack(">HI", 4, WINDOW))
        + _frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", WINDOW))
        + _frame(HEADERS, END_HEADERS, STREAM_ID, block)
        + _frame(DATA, END_STREAM, STREAM_ID, message)
    )


class Answer:
    """Reads frames until the call's stream ends."""

    def __init__(self):
        self._unread = b""
        self.body = b""
        self.ended = False

    def read(self, received):
        """Takes received bytes; returns what must be sent in turn."""
        self._unread += received
        send = b""
        while len(self._unread) >= 9:
            length = int.from_bytes(self._unread[:3], "big")
            if len(self._unread) < 9 + length:
                break
            kind, flags, stream = struct.unpack(">BBI", self._unread[3:9])
            payload, self._unread = self._unread[9 : 9 + length], self._unread[9 + length :]
            if kind == SETTINGS and not flags & ACK:
                send += _frame(SETTINGS, ACK, 0)
            elif kind == GOAWAY:
                raise ConnectionError("the server has sent GOAWAY")
            elif kind == DATA:
                self.body += payload
            if stream == STREAM_ID and kind in (DATA, HEADERS) and flags & END_STREAM:
                self.ended = True
        return send
