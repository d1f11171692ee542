"""Requests of `helloworld.Greeter`, as gRPC frames them."""

UNARY = "SayHello"
STREAM = "SayHelloStreamReply"
# Of a streaming call.
STREAM_REPLIES = 5


def _varint(value):
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _frame(text):
    message = b"\x0a" + _varint(len(text)) + text
    return b"\0" + len(message).to_bytes(4, "big") + message


def name(size):
    return (b"world" * (size // 5 + 1))[:size]


def request(size):
    """A framed HelloRequest whose name has `size` bytes."""
    return _frame(name(size))


def replies(method, size):
    """The framed replies to it."""
    return _frame(b"Hello " + name(size)) * (STREAM_REPLIES if method == STREAM else 1)
