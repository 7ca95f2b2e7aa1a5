"""A WebSocket client that can also break every rule, and sees every byte it gets."""
import base64
import json
import os
import socket
import struct
import time

import http_client
from waiting import FACTOR

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FRAME_SECONDS = 5


def encode(payload, opcode=TEXT, fin=True, mask=True, rsv=0, length=None):
    """One frame. `length` lies about the payload's size."""
    size = len(payload) if length is None else length
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    masked = 0x80 if mask else 0
    if size < 126:
        header = bytes([first, masked | size])
    elif size < 65536:
        header = bytes([first, masked | 126]) + struct.pack(">H", size)
    else:
        header = bytes([first, masked | 127]) + struct.pack(">Q", size)
    if not mask:
        return header + payload
    key = os.urandom(4)
    pad = (key * (len(payload) // 4 + 1))[: len(payload)]
    body = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
    return header + key + body.to_bytes(len(payload), "big")


class WebSocket:
    """`status` and `headers` are the handshake's; `after` goes out in one piece with it.

    Frames come as [kind, content]:

    ["text", str], ["binary", bytes], ["pong", bytes], ["close", [code or None, reason]],
    ["eof", None]; None if nothing came in time. Pings are answered (unless told otherwise) and
    kept in `pings`.
    """

    def __init__(self, server, path, extra=(), answer_pings=True, receive_buffer=None,
                 after=b""):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(http_client.TIMEOUT)
        self.sock.connect((server.host, server.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer_pings = answer_pings
        self.pings = []
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {server.host}:{server.port}",
                 "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {key}", *extra]
        self.sock.sendall("\r\n".join(lines).encode("utf-8", "surrogateescape")
                          + b"\r\n\r\n" + after)
        self.stream = http_client.Stream(self.sock)
        response = http_client.read_response(self.stream)
        self.status, self.headers = response.status, response.headers
        self.body = response.body

    # ------------------------------------------------------------ sending

    def send(self, payload, opcode=TEXT, **options):
        """Sends one frame; that the server has hung up shows on reading."""
        self.send_raw(encode(payload, opcode, **options))

    def send_raw(self, data):
        """Sends bytes as they are."""
        try:
            self.sock.sendall(data)
        except OSError:
            pass

    def say(self, text, client_id=None, **members):
        """Sends a message as a client does."""
        command = {"text": text, **({"client_id": client_id} if client_id is not None else {})}
        self.send(json.dumps({**command, **members}).encode())

    # ------------------------------------------------------------ receiving

    def _read_frame(self):
        """One whole frame; a time-out in the middle leaves the buffer as it was."""
        while True:
            parsed = self._parse(self.stream.buffer)
            if parsed is not None:
                opcode, payload, used = parsed
                self.stream.buffer = self.stream.buffer[used:]
                return opcode, payload
            if not self.stream.more():
                raise EOFError

    @staticmethod
    def _parse(data):
        """(opcode, payload, bytes used), or None while the frame is incomplete."""
        if len(data) < 2:
            return None
        assert data[1] & 0x80 == 0, "the server masks a frame"
        assert data[0] & 0x70 == 0, "the server sets a reserved bit"
        size, at = data[1] & 127, 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, at = int.from_bytes(data[2:2 + width], "big"), 2 + width
        if len(data) < at or len(data) < at + size:
            return None
        return data[0] & 15, data[at:at + size], at + size

    def frame(self, timeout=FRAME_SECONDS):
        """The next frame that is no ping; None after `timeout` seconds without one."""
        deadline = time.monotonic() + timeout * FACTOR
        while True:
            self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                opcode, payload = self._read_frame()
            except TimeoutError:
                return None
            except (EOFError, ConnectionError):
                return ["eof", None]
            if opcode == PING:
                self.pings.append(payload)
                if self.answer_pings:
                    self.send(payload, PONG)
                continue
            return self._named(opcode, payload)

    @staticmethod
    def _named(opcode, payload):
        if opcode == TEXT:
            return ["text", payload.decode("utf-8")]
        if opcode == CLOSE:
            code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else None
            return ["close", [code, payload[2:].decode("utf-8", "replace")]]
        if opcode == PONG:
            return ["pong", payload]
        return ["binary" if opcode == BINARY else f"opcode {opcode}", payload]

    def text(self, timeout=FRAME_SECONDS):
        """The next frame, which must be text; its bytes as a str."""
        got = self.frame(timeout)
        assert got is not None, "no frame came"
        assert got[0] == "text", f"a text frame was due, {got} came"
        return got[1]

    def json(self, timeout=FRAME_SECONDS):
        """The next frame, which must be text, parsed."""
        return json.loads(self.text(timeout))

    def until(self, wanted, timeout=FRAME_SECONDS):
        """Parsed frames up to and with the first for which wanted(frame) holds."""
        deadline = time.monotonic() + timeout * FACTOR
        seen = []
        while time.monotonic() < deadline:
            got = self.frame(max(0.01, (deadline - time.monotonic()) / FACTOR))
            if got is None:
                break
            assert got[0] == "text", f"{got} came after {seen[-3:]}"
            seen.append(json.loads(got[1]))
            if wanted(seen[-1]):
                return seen
        raise AssertionError(f"the frame did not come; last of {len(seen)}: {seen[-3:]}")

    def close_code(self, timeout=FRAME_SECONDS):
        """Reads to the close frame and returns its code; None if the stream ends without one."""
        deadline = time.monotonic() + timeout * FACTOR
        while True:
            got = self.frame(max(0.01, (deadline - time.monotonic()) / FACTOR))
            assert got is not None, f"the socket is still open after {timeout * FACTOR} s"
            if got[0] == "close":
                return got[1][0]
            if got[0] == "eof":
                return None

    def close(self):
        """Hangs up without a close frame."""
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
