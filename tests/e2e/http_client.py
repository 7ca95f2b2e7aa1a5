"""A raw HTTP/1.1 client: it sends exactly the bytes it is given and reads one response."""
import dataclasses
import json
import socket

from waiting import FACTOR

TIMEOUT = 10 * FACTOR


@dataclasses.dataclass
class Response:
    """status is None when the server closed without an answer. Header names are lower-case."""

    status: int | None
    headers: dict
    body: bytes
    rest: bytes = b""

    @property
    def text(self):
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self):
        """The body as JSON."""
        return json.loads(self.body)


class Stream:
    """A socket with a buffer in front: exact reads and reads up to a mark."""

    def __init__(self, sock, buffered=b""):
        self.sock = sock
        self.buffer = buffered

    def more(self):
        """Reads once; False at the end of the stream."""
        received = self.sock.recv(65536)
        self.buffer += received
        return bool(received)

    def take(self, count):
        """Exactly `count` bytes; EOFError if the stream ends before."""
        while len(self.buffer) < count:
            if not self.more():
                raise EOFError
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def take_until(self, mark):
        """Everything before `mark`, which is taken too; EOFError if the stream ends before."""
        while mark not in self.buffer:
            if not self.more():
                raise EOFError
        taken, self.buffer = self.buffer.split(mark, 1)
        return taken

    def take_all(self):
        """Everything up to the end of the stream."""
        while self.more():
            pass
        taken, self.buffer = self.buffer, b""
        return taken


def _headers(lines):
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _chunked(stream):
    body = b""
    while True:
        size = int(stream.take_until(b"\r\n").split(b";")[0], 16)
        body += stream.take(size)
        stream.take(2)
        if size == 0:
            return body


def read_response(stream, head_only=False):
    """Reads one response (interim ones are skipped); what follows stays in the stream."""
    try:
        head = stream.take_until(b"\r\n\r\n")
    except EOFError:
        return Response(None, {}, stream.buffer)
    lines = head.decode("latin1").split("\r\n")
    status, headers = int(lines[0].split()[1]), _headers(lines[1:])
    if status == 100:
        return read_response(stream, head_only)
    if head_only or status in (101, 204, 304):
        return Response(status, headers, b"", stream.buffer)
    try:
        if "content-length" in headers:
            body = stream.take(int(headers["content-length"]))
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            body = _chunked(stream)
        else:
            body = stream.take_all()
    except EOFError:
        body, stream.buffer = stream.buffer, b""
    return Response(status, headers, body, stream.buffer)


def connect(server, timeout=TIMEOUT):
    """A TCP connection to a server that has host and port."""
    sock = socket.create_connection((server.host, server.port), timeout=timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def head(server, method, path, headers, body, version="1.1"):
    """The bytes of a request's head, with Host, Connection and Content-Length unless given."""
    names = {name.lower() for name, _ in headers}
    lines = [f"{method} {path} HTTP/{version}"]
    if "host" not in names:
        lines.append(f"Host: {server.host}:{server.port}")
    lines += [f"{name}: {value}" for name, value in headers]
    if "connection" not in names:
        lines.append("Connection: close")
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"


def request(server, method, path, headers=(), body=None, version="1.1"):
    """One request on a connection of its own."""
    with connect(server) as sock:
        try:
            sock.sendall(head(server, method, path, list(headers), body, version) + (body or b""))
        except OSError:
            pass  # an early refusal of a large body is an answer too
        try:
            return read_response(Stream(sock), method == "HEAD")
        except ConnectionResetError:
            return Response(None, {}, b"")


def call(server, method, path, body=None, token=None, headers=()):
    """One JSON request; `body` is any JSON value, `token` goes into Authorization."""
    every = list(headers)
    content = None
    if body is not None:
        every.append(("Content-Type", "application/json"))
        content = json.dumps(body).encode()
    if token is not None:
        every.append(("Authorization", f"Bearer {token}"))
    return request(server, method, path, every, content)


def exchange(server, sent, timeout=TIMEOUT):
    """Sends raw bytes and returns everything the server says until it closes."""
    with connect(server, timeout) as sock:
        try:
            sock.sendall(sent)
        except OSError:
            pass
        received = b""
        try:
            while True:
                more = sock.recv(65536)
                if not more:
                    return received
                received += more
        except ConnectionResetError:
            return received
