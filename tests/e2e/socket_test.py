"""The socket's behaviour that the recorded contract describes in words: order, history, several
sockets of one user, people who leave, keep-alive."""
import json
import re
import threading

import pytest

import people
from waiting import until
from ws_client import PONG, WebSocket, encode


def texts(frames):
    return [frame["message"]["text"] for frame in frames]


def receive(socket, count):
    return [socket.json() for _ in range(count)]


@pytest.mark.threads
def test_one_senders_messages_arrive_in_order_with_consecutive_ids(room):
    a, b = room.join(room.a), room.join(room.b)
    for number in range(30):
        a.say(f"m{number}")
    for reader in (a, b):
        got = receive(reader, 30)
        assert texts(got) == [f"m{number}" for number in range(30)]
        assert [frame["message"]["id"] for frame in got] == list(range(1, 31))


@pytest.mark.threads
def test_many_senders_give_every_reader_the_same_order_without_holes(room):
    crowd = [room.join(person) for person in (room.a, room.b) * 4]
    for number in range(20):
        for index, socket in enumerate(crowd):
            socket.say(f"{index}-{number}")
    streams = [[(m["message"]["id"], m["message"]["text"]) for m in receive(socket, 160)]
               for socket in crowd]
    assert [seq for seq, _ in streams[0]] == list(range(1, 161))
    assert all(stream == streams[0] for stream in streams)


def test_both_sockets_of_one_user_get_every_message_once(room):
    a1, a2, b = room.join(room.a), room.join(room.a), room.join(room.b)
    a1.say("from a1")
    frames = [socket.text() for socket in (a1, a2, b)]
    assert frames[0] == frames[1] == frames[2]
    assert re.fullmatch(
        rf'{{"type": "message", "message": {{"id": 1, "user_id": {room.a.id}, '
        r'"text": "from a1", "ts": \d+}}', frames[0])
    a1.send(b"", opcode=9)
    assert a1.frame() == ["pong", b""]  # and nothing before it


def test_who_leaves_gets_nothing_and_the_others_go_on(room):
    a, b = room.join(room.a), room.join(room.b)
    b.send((1000).to_bytes(2, "big"), opcode=8)
    assert b.close_code() == 1000
    a.say("after b left")
    assert a.json()["message"]["text"] == "after b left"


def test_history_is_the_last_fifty_oldest_first(room):
    a = room.join(room.a)
    for number in range(1, 61):
        a.say(f"m{number}")
    receive(a, 60)
    _, history = room.enter(room.b)
    assert list(history) == ["type", "messages"]
    assert [message["id"] for message in history["messages"]] == list(range(11, 61))
    assert list(history["messages"][0]) == ["id", "user_id", "text", "ts"]


def test_history_and_message_are_spelled_to_the_byte(room):
    a = room.join(room.a)
    a.send('{"text": "é😀/\\u0007\\"\\\\\\u007f"}'.encode())
    escaped = r'\u00e9\ud83d\ude00/\u0007\"\\\u007f'
    stamp = json.loads(live := a.text())["message"]["ts"]
    message = f'{{"id": 1, "user_id": {room.a.id}, "text": "{escaped}", "ts": {stamp}}}'
    assert live == f'{{"type": "message", "message": {message}}}'
    with people.join(room.server, room.b, room.conversation) as b:
        assert b.text() == f'{{"type": "history", "messages": [{message}]}}'


def test_an_empty_history_is_spelled_to_the_byte(room):
    with people.join(room.server, room.b, room.conversation) as b:
        assert b.text() == '{"type": "history", "messages": []}'


def test_a_large_first_history_stays_within_its_bound(room):
    a = room.join(room.a)
    for number in range(50):
        a.say(f"{number:02} " + "é" * 4000)  # six bytes for each é once it is escaped
    receive(a, 50)
    with people.join(room.server, room.b, room.conversation) as b:
        raw = b.text()
        assert len(raw) <= 512 * 1024 + 1024
        ids = [message["id"] for message in json.loads(raw)["messages"]]
        assert ids == list(range(51 - len(ids), 51)) and len(ids) < 50
        a.say("next")
        assert b.json()["message"]["id"] == 51


def test_unanswered_pings_close_1011_and_answered_ones_do_not(room):
    deaf, alive = room.join(room.a, answer_pings=False), room.join(room.b)
    over, heard = threading.Event(), []

    def answer():
        while not over.is_set():
            heard.append(alive.frame(timeout=0.2))

    answering = threading.Thread(target=answer)
    answering.start()
    # A ping after 20 s, the end 20 s later.
    got = deaf.frame(timeout=50)
    alive.say("still here")
    until(lambda: heard[-1] is not None, "the other still hears itself")
    over.set()
    answering.join()
    assert got == ["close", [1011, "keepalive ping timeout"]]
    assert len(deaf.pings) == 1 and len(deaf.pings[0]) == 4
    assert "still here" in next(frame for frame in heard if frame)[1] and alive.pings


def test_an_unsolicited_pong_is_ignored(room):
    a = room.join(room.a)
    a.send(b"x", PONG)
    a.say("hello")
    assert a.json()["message"]["text"] == "hello"


def test_a_message_sent_with_the_upgrade_is_not_lost(room):
    """Bytes that arrive together with the request belong to the socket."""
    path = f"/ws/chat/{room.conversation}/?token={room.a.token}"
    socket = WebSocket(room.server, path, after=encode(b'{"text": "early"}'))
    assert socket.status == 101
    history = socket.json()  # which holds the message already if its commit was quick enough
    live = [] if history["messages"] else [socket.json()["message"]]
    assert [message["text"] for message in history["messages"] + live] == ["early"]
    assert [m["text"] for m in room.history()["messages"]] == ["early"]
    socket.close()
