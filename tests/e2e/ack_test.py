"""A send with a client_id is stored once and acknowledged with the same frame for ever."""
import json
import re
import threading

import pytest

import people


def ack_pattern(client_id, seq):
    return (rf'\{{"type": "ack", "client_id": "{client_id}", "id": {seq}, "ts": \d+, '
            r'"epoch": "[!-~]{1,32}"\}')


def send_acked(socket, text, client_id):
    """Sends and returns the bytes of the ack; on the way the message itself comes by."""
    socket.say(text, client_id)
    while True:
        raw = socket.text()
        if json.loads(raw)["type"] != "message":
            return raw


def test_an_ack_is_spelled_to_the_byte_and_follows_the_message(room):
    a = room.join(room.a)
    a.say("hello", "c-1")
    assert a.json() == {"type": "message", "message": {
        "id": 1, "user_id": room.a.id, "text": "hello",
        "ts": room.history()["messages"][0]["ts"]}}
    assert re.fullmatch(ack_pattern("c-1", 1), a.text())


def test_who_sends_no_client_id_sees_no_ack(room):
    a, b = room.join(room.a), room.join(room.b)
    a.say("with", "c-1")
    a.say("without")
    assert [b.json()["message"]["text"] for _ in range(2)] == ["with", "without"]
    b.say("mine")
    assert b.json()["message"]["text"] == "mine"
    types = [a.json()["type"] for _ in range(4)]
    assert sorted(types) == ["ack", "message", "message", "message"]


def test_a_repeated_send_gets_the_same_ack_and_nobody_hears_it_twice(room):
    a, b = room.join(room.a), room.join(room.b)
    first = send_acked(a, "once", "c-1")
    for text in ("once", "  once \n"):  # what is compared is the trimmed text
        a.say(text, "c-1")
        assert a.text() == first
    a.say("next")
    assert a.json()["message"]["id"] == 2
    assert [b.json()["message"]["text"] for _ in range(2)] == ["once", "next"]


def test_the_same_ack_comes_from_another_socket_and_after_a_restart(room):
    a1, a2 = room.join(room.a), room.join(room.a)
    first = send_acked(a1, "once", "c-1")
    assert send_acked(a2, "once", "c-1") == first
    room.server.restart()
    again, _ = room.enter(room.a)
    assert send_acked(again, "once", "c-1") == first
    room.server.kill()
    room.server.start()
    again, history = room.enter(room.a)
    assert send_acked(again, "once", "c-1") == first
    assert [message["text"] for message in history["messages"]] == ["once"]


def test_another_text_under_the_same_client_id_is_a_conflict(room):
    a, b = room.join(room.a), room.join(room.b)
    send_acked(a, "once", "c-1")
    raw = send_acked(a, "twice", "c-1")
    assert re.fullmatch(r'\{"type": "error", "code": "conflict", "detail": "[^"]+", '
                        r'"client_id": "c-1"\}', raw)
    assert b.json()["message"]["text"] == "once"
    b.say("end")
    assert b.json()["message"]["text"] == "end"


def test_client_ids_belong_to_one_sender_and_one_conversation(room):
    other = people.create_conversation(room.server, room.a, room.b)
    a, b = room.join(room.a), room.join(room.b)
    assert re.fullmatch(ack_pattern("c-1", 1), send_acked(a, "mine", "c-1"))
    assert re.fullmatch(ack_pattern("c-1", 2), send_acked(b, "yours", "c-1"))
    elsewhere, _ = people.enter(room.server, room.a, other)
    assert re.fullmatch(ack_pattern("c-1", 1), send_acked(elsewhere, "there", "c-1"))
    elsewhere.close()


@pytest.mark.threads
def test_the_same_send_from_many_sockets_at_once_is_stored_once(room):
    sockets = [room.join(room.a) for _ in range(8)]
    gate, acks = threading.Barrier(len(sockets)), []

    def race(socket):
        gate.wait()
        acks.append(send_acked(socket, "race", "c-1"))

    threads = [threading.Thread(target=race, args=(socket,)) for socket in sockets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(acks) == 8 and len(set(acks)) == 1
    assert [message["text"] for message in room.history()["messages"]] == ["race"]


def test_many_sends_on_the_way_are_acknowledged_each(room):
    a = room.join(room.a)
    for number in range(500):
        a.say(f"m{number}", f"c-{number}")
    acks, messages = {}, 0
    while len(acks) < 500:
        frame = a.json(timeout=20)
        if frame["type"] == "ack":
            acks[frame["client_id"]] = frame["id"]
        else:
            messages += 1
    assert acks == {f"c-{number}": number + 1 for number in range(500)}
    assert messages == 500


BAD_SENDS = {
    "no JSON": (b"hello", "bad_json", None),
    "half an object": (b'{"text": ', "bad_json", None),
    "a text that is a number": (b'{"text": 5, "client_id": "c-1"}', "bad_message", "c-1"),
    "a list": (b'["text"]', "bad_message", None),
    "a client_id that is a number": (b'{"text": "x", "client_id": 5}', "bad_message", None),
    "an empty client_id": (b'{"text": "x", "client_id": ""}', "bad_message", None),
    "a client_id of 65": (b'{"text": "x", "client_id": "%s"}' % (b"c" * 65), "bad_message", None),
    "a client_id with an umlaut": ('{"text": "x", "client_id": "ü"}'.encode(), "bad_message", None),
    "a client_id with a line feed": (b'{"text": "x", "client_id": "a\\n"}', "bad_message", None),
    "a blank text with a client_id": (b'{"text": " ", "client_id": "c-1"}', "empty_text", "c-1"),
    "no text with a client_id": (b'{"client_id": "c-1"}', "empty_text", "c-1"),
    "a text over 8 KiB": (
        b'{"client_id": "c-1", "text": "%s"}' % (b"x" * 8193), "too_large", "c-1"),
    "8 KiB and a bit in two-byte letters": (
        '{{"text": "{}"}}'.format("é" * 4097).encode(), "too_large", None),
}


@pytest.mark.parametrize("payload, code, client_id", BAD_SENDS.values(), ids=BAD_SENDS.keys())
def test_a_bad_send_gets_an_error_frame_and_the_socket_stays(room, payload, code, client_id):
    a = room.join(room.a)
    a.send(payload)
    raw = a.text()
    tail = "" if client_id is None else f', "client_id": "{client_id}"'
    detail = r'"(?:[^"\\]|\\.)+"'
    assert re.fullmatch(
        rf'\{{"type": "error", "code": "{code}", "detail": {detail}{tail}\}}', raw), raw
    assert send_acked(a, "fine", "c-2")
    assert [message["text"] for message in room.history()["messages"]] == ["fine"]


@pytest.mark.parametrize("text", ["x" * 8192, "é" * 4096, "\x00", "\u200b", "\x7f",
                                  "<script>alert(1)</script>", "a\u2028b", "😀" * 2048],
                         ids=["8 KiB", "8 KiB of é", "NUL", "zero width", "DEL", "HTML", "LS",
                              "emoji"])
def test_a_text_goes_through_unchanged(room, text):
    a = room.join(room.a)
    a.say(text, "c-1")
    assert a.json()["message"]["text"] == text
    assert a.json()["type"] == "ack"
    assert room.history()["messages"][0]["text"] == text


def test_a_client_id_of_64_printable_characters_is_fine(room):
    a = room.join(room.a)
    client_id = "".join(chr(code) for code in range(33, 97))
    assert json.loads(send_acked(a, "hello", client_id))["client_id"] == client_id
