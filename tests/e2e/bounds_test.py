"""Slow readers, floods, oversized frames and idle peers: each is bounded and harms nobody else."""
import json
import socket as sockets
import time

import pytest

import http_client
import people
from waiting import FACTOR, until
from ws_client import PING, WebSocket, encode

BIG = "x" * 8000


def metric(server, name):
    """The sum of a family's samples."""
    lines = http_client.call(server, "GET", "/metrics").text.splitlines()
    values = [float(line.rsplit(" ", 1)[1]) for line in lines
              if line.startswith((name + " ", name + "{"))]
    assert values, f"no metric {name}"
    return sum(values)


def memory_kb(server):
    """Resident memory of the server."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_who_never_reads_is_closed_as_slow_while_the_others_are_served(room):
    slow = room.join(room.b, receive_buffer=4096)
    a, fast = room.join(room.a), room.join(room.b)
    sent = 0
    deadline = time.monotonic() + 60 * FACTOR
    while metric(room.server, "banter_ws_slow_closes_total") < 1:
        assert time.monotonic() < deadline, "the slow reader is still there"
        for _ in range(50):
            sent += 1
            a.say(f"{sent} {BIG}")
        for reader in (a, fast):
            for number in range(sent - 49, sent + 1):
                assert reader.json(timeout=20)["message"]["id"] == number
    # What had left the outbox may still come, then the end: 4108 where the peer can take it.
    assert slow.close_code(timeout=20) in (4108, None)
    a.say("the others go on")
    assert a.json()["message"]["id"] == fast.json()["message"]["id"] == sent + 1
    back, history = room.enter(room.b)
    assert history["messages"][-1]["id"] == sent + 1
    back.close()


def test_memory_stays_bounded_while_many_do_not_read(room):
    before = memory_kb(room.server)
    silent = [room.join(room.b, receive_buffer=4096) for _ in range(20)]
    a = room.join(room.a)
    for number in range(1000):
        a.say(f"{number} {BIG}")
        a.json(timeout=20)
    # 20 outboxes of 1 MiB, and the recent window; sanitizers keep freed memory for a while.
    assert memory_kb(room.server) - before < 64 * 1024 * FACTOR
    assert len(silent) == 20


@pytest.mark.threads
def test_a_flood_of_messages_is_slowed_down_not_dropped(room):
    a, b = room.join(room.a), room.join(room.b)
    flood = b"".join(encode(json.dumps({"text": f"m{number}"}).encode())
                     for number in range(3000))
    begun = 0
    a.sock.setblocking(False)
    received = []
    while begun < len(flood) or len(received) < 3000:
        try:
            begun += a.sock.send(flood[begun:begun + 65536])
        except BlockingIOError:
            pass
        a.sock.setblocking(True)
        got = b.frame(timeout=5)
        assert got is not None and got[0] == "text", got
        received.append(json.loads(got[1])["message"]["id"])
        a.sock.setblocking(False)
    assert received == list(range(1, 3001))


def test_a_flood_of_errors_is_closed_4009(room):
    a, b = room.join(room.a), room.join(room.b)
    for _ in range(300):
        a.send(b"no json")
    assert a.close_code() == 4009
    b.say("the others go on")
    assert b.json()["message"]["text"] == "the others go on"


def test_a_flood_of_pings_is_answered_or_closed_and_nothing_else_suffers(room):
    a, b = room.join(room.a), room.join(room.b)
    a.send_raw(b"".join(encode(b"%05d" % number, PING) for number in range(5000)))
    b.say("the others go on")
    assert b.json()["message"]["text"] == "the others go on"
    got = a.frame()
    while got[0] == "text":
        got = a.frame()
    assert got[0] in ("pong", "close", "eof")
    if got[0] == "pong":
        assert got == ["pong", b"00000"]


OVERSIZED = {
    "a byte over 64 KiB": encode(b"x" * (64 * 1024 + 1)),
    "a header that announces a terabyte": encode(b"", length=1 << 40),
    "fragments that add up": encode(b"x" * 40_000, fin=False) + encode(b"x" * 40_000, opcode=0),
}


@pytest.mark.parametrize("sent", OVERSIZED.values(), ids=OVERSIZED.keys())
def test_an_oversized_message_is_closed_1009(room, sent):
    a = room.join(room.a)
    a.send_raw(sent)
    assert a.close_code() == 1009


def test_64_kib_is_not_too_much_for_a_frame_though_it_is_for_a_message(room):
    a = room.join(room.a)
    a.send(b'{"text": "%s"}' % (b"x" * (64 * 1024 - 12)))
    assert a.json()["code"] == "too_large"


def test_a_head_that_never_ends_is_given_up(server):
    with http_client.connect(server, timeout=25 * FACTOR) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        begun = time.monotonic()
        answer = http_client.read_response(http_client.Stream(sock))
        assert answer.status in (None, 408)
        assert 8 <= time.monotonic() - begun <= 15 * FACTOR


def test_a_head_sent_byte_by_byte_is_read(server):
    with http_client.connect(server) as sock:
        for byte in b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n":
            sock.sendall(bytes([byte]))
        assert http_client.read_response(http_client.Stream(sock)).status == 200


def test_frames_sent_byte_by_byte_are_read(room):
    a = room.join(room.a)
    for byte in encode(b'{"text": "slowly"}'):
        a.send_raw(bytes([byte]))
    assert a.json()["message"]["text"] == "slowly"


def test_a_peer_that_vanishes_without_a_word_leaves_nothing_behind(room):
    before = metric(room.server, "banter_ws_sockets")
    gone = [room.join(room.b) for _ in range(50)]
    assert metric(room.server, "banter_ws_sockets") == before + 50
    for socket in gone:
        socket.sock.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        socket.close()  # a reset, not a farewell
    until(lambda: metric(room.server, "banter_ws_sockets") == before, "all sockets are counted out")


def test_sockets_beyond_the_limit_of_connections_are_refused_and_come_back_later(start):
    server = start("--max-connections", "20")
    person = people.sign_up(server)
    conversation = people.create_conversation(server, person)
    path = f"/ws/chat/{conversation}/?token={person.token}"
    open_ones, refused = [], 0
    for _ in range(40):
        try:
            socket = WebSocket(server, path)
        except OSError:
            refused += 1
            continue
        if socket.status == 101:
            open_ones.append(socket)
        else:
            refused += 1
            socket.close()
    assert len(open_ones) <= 20 and refused >= 20
    for socket in open_ones:
        socket.close()
    until(lambda: http_client.call(server, "GET", "/healthz").status == 200, "there is room again")
