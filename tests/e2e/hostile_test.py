"""Whatever arrives: never a 5xx, a crash or a hang. Seeded, so a failure can be repeated."""
import os
import random
import socket as sockets

import pytest

import http_client
import people
from http_client import call
from waiting import until
from ws_client import WebSocket, encode

SEEDS = range(4)
HEAD = (b"POST /api/users/login?a=b&c=%41 HTTP/1.1\r\nHost: example.com:80\r\n"
        b"Content-Type: application/json; charset=utf-8\r\nAuthorization: Bearer a.b.c\r\n"
        b"Cookie: a=b\r\nContent-Length: 41\r\n\r\n"
        b'{"email":"a@b.cd","password":"\\u0041bcdefgh"}')
UPGRADE = (b"GET /ws/chat/1/?token=a.b.c&since=1&epoch=e HTTP/1.1\r\nHost: example.com\r\n"
           b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
INTERESTING = [b"\x00", b"\n", b"\r", b"\r\n", b":", b" ", b"\t", b"%", b"%00", b"\xff",
               b"\xc0\x80", b"chunked", b"Content-Length: 5\r\n", b"-1",
               b"99999999999999999999", b"\"", b"{",
               b"[" * 200, b"\\ud800", b"1e999", b"HTTP/1.1", b"//", b"/../", b"?", b"&", b";"]


def mutated(chance, data):
    """The data with one to four random changes."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            out[at:at] = chance.choice(INTERESTING)
        elif kind == 1:
            del out[at:at + chance.randint(1, 12)]
        elif kind == 2 and at < len(out):
            out[at] = chance.randrange(256)
        else:
            begin = chance.randrange(len(out) + 1)
            out[at:at] = out[begin:begin + chance.randint(1, 40)]
    return bytes(out)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("template", [HEAD, UPGRADE], ids=["post", "upgrade"])
def test_mutated_requests_never_get_a_5xx(server, template, seed):
    chance = random.Random(seed)
    for _ in range(150):
        sent = mutated(chance, template)
        with http_client.connect(server) as sock:
            try:
                sock.sendall(sent)
                sock.shutdown(sockets.SHUT_WR)  # a request cut short is not waited for
                answer = http_client.read_response(http_client.Stream(sock))
            except (ConnectionError, BrokenPipeError):
                continue
            assert answer.status is None or answer.status < 500, sent
    assert call(server, "GET", "/healthz").status == 200
    assert server.running()


@pytest.mark.parametrize("seed", SEEDS)
def test_mutated_frames_end_their_own_socket_at_most(room, seed):
    chance = random.Random(seed)
    bystander = room.join(room.b)
    frames = [encode(b'{"text": "\xc3\xa9", "client_id": "c-1"}'), encode(b"x" * 300, opcode=2),
              encode(b'{"te', fin=False) + encode(b'xt": "y"}', opcode=0),
              encode(b"ping", opcode=9),
              encode(b"\x03\xe8bye", opcode=8)]
    for _ in range(60):
        with people.join(room.server, room.a, room.conversation) as socket:
            socket.send_raw(b"".join(mutated(chance, chance.choice(frames)) for _ in range(3)))
            socket.sock.shutdown(sockets.SHUT_WR)
    bystander.say("the others go on")
    seen = bystander.until(lambda frame: frame["message"]["text"] == "the others go on")
    ids = [frame["message"]["id"] for frame in seen]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert room.server.running()


def test_random_bytes_on_a_fresh_connection_are_refused(server):
    chance = random.Random(7)
    for _ in range(100):
        with http_client.connect(server) as sock:
            try:
                sock.sendall(chance.randbytes(chance.randint(1, 3000)))
                sock.shutdown(sockets.SHUT_WR)
                answer = http_client.read_response(http_client.Stream(sock))
            except ConnectionError:
                continue
            assert answer.status in (None, 400, 408, 431)
    assert call(server, "GET", "/healthz").status == 200


DEEP = {"an array": b"[" * 30000, "objects": b'{"a":' * 10000, "a number": b"1" * 60000,
        "a key": b'{"' + b"k" * 60000 + b'": 1}'}


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP.keys())
@pytest.mark.parametrize("path", ["/api/users/signup", "/api/users/login", "/api/users/token",
                                  "/api/users/token/refresh"])
def test_hostile_json_is_a_4xx_everywhere(server, path, body):
    answer = http_client.request(server, "POST", path, [("Content-Type", "application/json")], body)
    assert 400 <= answer.status < 500


@pytest.mark.parametrize("name", DEEP)
def test_hostile_json_on_the_socket_is_an_error_frame_or_nothing(room, name):
    a = room.join(room.a)
    a.send(DEEP[name])
    if name != "a key":  # an object without a text asks for nothing, whatever else it holds
        assert a.json()["type"] == "error"
    a.say("fine")
    assert a.json()["message"]["text"] == "fine"


def test_a_socket_that_is_opened_and_closed_many_times_leaks_nothing(room):
    path = f"/ws/chat/{room.conversation}/?token={room.a.token}"
    descriptors = f"/proc/{room.server.process.pid}/fd"
    before = len(os.listdir(descriptors))
    for _ in range(300):
        WebSocket(room.server, path).close()
    until(lambda: len(os.listdir(descriptors)) <= before + 2, "every descriptor is closed")
