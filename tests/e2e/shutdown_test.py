"""SIGTERM: nothing new is accepted, what is in flight is answered, sockets close 1012, exit 0."""
import json
import signal
import time

import pytest

import http_client
import people
from waiting import FACTOR, until


@pytest.mark.threads
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_every_socket_is_closed_1012_and_the_exit_is_clean(room, number):
    sockets = [room.join(person) for person in (room.a, room.b) * 20]
    begun = time.monotonic()
    room.server.signal(number)
    for socket in sockets:
        assert socket.frame() == ["close", [1012, ""]]
    for socket in sockets:  # a peer answers a close with a close
        socket.send((1012).to_bytes(2, "big"), opcode=8)
    assert room.server.wait() == 0
    assert time.monotonic() - begun <= 5 * FACTOR


def test_peers_that_do_not_answer_the_close_do_not_delay_the_end(room):
    sockets = [room.join(person) for person in (room.a, room.b) * 20]
    begun = time.monotonic()
    room.server.signal(signal.SIGTERM)
    assert room.server.wait() == 0
    assert time.monotonic() - begun <= 5 * FACTOR
    assert [socket.close_code() for socket in sockets] == [1012] * len(sockets)


def begin_login(server, email):
    """A connection on which the server has taken a login's head and waits for its body."""
    body = json.dumps({"email": email, "password": people.PASSWORD}).encode()
    sock = http_client.connect(server)
    stream = http_client.Stream(sock)
    sock.sendall(http_client.head(server, "POST", "/api/users/login",
                                  [("Content-Type", "application/json"),
                                   ("Expect", "100-continue")], body))
    assert stream.take_until(b"\r\n\r\n").startswith(b"HTTP/1.1 100")
    return sock, stream, body


def test_a_request_in_flight_is_answered(room):
    sock, stream, body = begin_login(room.server, room.a.email)
    room.server.signal(signal.SIGTERM)
    until(lambda: "event=stopping" in room.server.log(), "the server is stopping")
    sock.sendall(body)
    answer = http_client.read_response(stream)
    assert answer.status == 200 and "access" in answer.json()
    assert room.server.wait() == 0
    sock.close()


def test_nobody_new_is_let_in(room):
    sock, stream, body = begin_login(room.server, room.a.email)
    room.server.signal(signal.SIGTERM)

    def refused():
        try:
            with http_client.connect(room.server, timeout=1) as fresh:
                fresh.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                return http_client.read_response(http_client.Stream(fresh)).status is None
        except OSError:
            return True

    until(refused, "new connections are refused", 3)
    sock.sendall(body)
    assert http_client.read_response(stream).status == 200
    assert room.server.wait() == 0
    sock.close()


def test_a_second_signal_ends_it_at_once(room):
    sock, _, _ = begin_login(room.server, room.a.email)
    room.server.signal(signal.SIGTERM)
    until(lambda: "event=stopping" in room.server.log(), "the server is stopping")
    begun = time.monotonic()
    room.server.signal(signal.SIGTERM)
    room.server.wait()
    assert time.monotonic() - begun < 1 * FACTOR
    sock.close()
    room.server.start()  # and what is stored is whole


def test_an_unanswered_request_does_not_keep_it_alive(room):
    sock, _, _ = begin_login(room.server, room.a.email)
    begun = time.monotonic()
    room.server.signal(signal.SIGTERM)
    assert room.server.wait() == 0
    assert time.monotonic() - begun <= 5 * FACTOR
    sock.close()


def test_messages_sent_before_the_signal_are_acknowledged_or_unknown_never_lost(room):
    a = room.join(room.a)
    for number in range(200):
        a.say(f"m{number}", f"c-{number}")
    room.server.signal(signal.SIGTERM)
    acks = {}
    while True:
        got = a.frame()
        assert got is not None
        if got[0] != "text":
            break
        frame = json.loads(got[1])
        if frame["type"] == "ack":
            acks[frame["id"]] = "m" + frame["client_id"][2:]
    assert got == ["close", [1012, ""]]
    a.close()
    assert room.server.wait() == 0
    room.server.start()
    stored = {m["id"]: m["text"] for m in room.history("?limit=200")["messages"]}
    assert acks.items() <= stored.items()
