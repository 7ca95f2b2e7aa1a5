"""Five messages per ten seconds for each user and conversation, over all his sockets."""
import json
import re
import time

import pytest

from room import make_room
from waiting import FACTOR

SPELLED = r'\{"type": "rate_limited", "retry_after": (\d+), "message": "Too many messages\. ' \
          r'Try again in \1s\."(, "client_id": "[^"]*")?\}'


@pytest.fixture(name="limited")
def limited_room(start):
    """A conversation with the default message rate and no other throttle."""
    room = make_room(start("--throttle", "off", limits=True))
    yield room
    for socket in room.sockets:
        socket.close()


def fill(*sockets):
    """Uses the five messages up, dealt over the sockets."""
    for number in range(5):
        sockets[number % len(sockets)].say(f"m{number}")
    for socket in sockets:
        for _ in range(5):
            assert socket.json()["type"] == "message"


def test_the_sixth_message_over_all_sockets_is_refused_on_its_own_socket_only(limited):
    a1, a2, b = limited.join(limited.a), limited.join(limited.a), limited.join(limited.b)
    fill(a1, a2)
    a2.say("too much")
    found = re.fullmatch(SPELLED, a2.text())
    assert found and 1 <= int(found.group(1)) <= 10 and found.group(2) is None
    b.say("b may still speak")  # the next thing anybody else sees
    assert [b.json()["message"]["id"] for _ in range(6)] == [1, 2, 3, 4, 5, 6]
    assert a1.json()["message"]["text"] == "b may still speak"


def test_a_refused_client_id_is_echoed_and_not_stored(limited):
    a = limited.join(limited.a)
    fill(a)
    a.say("too much", "c-9")
    found = re.fullmatch(SPELLED, a.text())
    assert found and found.group(2) == ', "client_id": "c-9"'
    assert len(limited.history()["messages"]) == 5


def test_blank_and_empty_frames_are_free(limited):
    a = limited.join(limited.a)
    for free in (b'{"text": " "}', b'{"text": ""}', b"{}", b"null", b"[]", b"0", b"false", b'""'):
        for _ in range(3):
            a.send(free)
    fill(a)
    a.say("the sixth")
    assert a.json()["type"] == "rate_limited"


def test_another_conversation_has_its_own_count(limited):
    a = limited.join(limited.a)
    fill(a)
    other = make_room(limited.server)
    elsewhere = other.join(other.a)
    fill(elsewhere)
    elsewhere.close()


def test_refused_messages_do_not_extend_the_window(limited):
    a = limited.join(limited.a)
    begun = time.monotonic()
    fill(a)
    waits = []
    while True:
        a.say("again")
        got = a.json()
        if got["type"] == "message":
            break
        waits.append(got["retry_after"])
        assert time.monotonic() - begun < 13 * FACTOR
        a.frame(timeout=0.3 / FACTOR)  # nothing comes: the pause between two tries
    took = time.monotonic() - begun
    assert 9.0 <= took <= 11.5 + FACTOR, took
    assert waits == sorted(waits, reverse=True) and waits[-1] >= 1


def test_the_names_of_the_replaced_system_set_the_rate(start):
    room = make_room(start("--throttle", "off", limits=True, environment={
        "WS_RATE_COUNT": "2", "WS_RATE_WINDOW_SEC": "60"}))
    a = room.join(room.a)
    for number in range(3):
        a.say(f"m{number}")
    kinds = [json.loads(a.text()) for _ in range(3)]
    assert [kind["type"] for kind in kinds].count("rate_limited") == 1
    refused = next(kind for kind in kinds if kind["type"] == "rate_limited")
    assert 50 <= refused["retry_after"] <= 60
