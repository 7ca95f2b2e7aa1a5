"""A client that comes back with the last seq it saw gets everything since, then the live stream."""
import json
import threading

import pytest

import people
from http_client import call
from waiting import until
from ws_client import WebSocket

EXTENT = ["type", "messages", "from", "to", "head", "more", "epoch", "reset"]


def ids(frame):
    return [message["id"] for message in frame["messages"]]


def fill(room, count, text="m{}"):
    a = room.join(room.a)
    for number in range(1, count + 1):
        a.say(text.format(number))
    for _ in range(count):
        assert a.json(timeout=20)["type"] == "message"
    return a


def pages(socket, first=None):
    """Frames up to and with the one that has no more to follow."""
    frames = [first or socket.json()]
    while frames[-1]["more"]:
        frames.append(socket.json())
    return frames


def epoch_of(room):
    socket, frame = room.enter(room.a, "&since=latest")
    socket.close()
    return frame["epoch"]


def test_since_latest_is_the_last_window_with_the_members_that_resuming_needs(room):
    fill(room, 60)
    _, frame = room.enter(room.b, "&since=latest")
    assert list(frame) == EXTENT
    assert ids(frame) == list(range(11, 61))
    assert (frame["from"], frame["to"], frame["head"]) == (11, 60, 60)
    assert frame["more"] is False and frame["reset"] is False
    assert 1 <= len(frame["epoch"]) <= 32


def test_since_continues_after_that_message_and_then_live(room):
    a = fill(room, 10)
    b, frame = room.enter(room.b, f"&since=4&epoch={epoch_of(room)}")
    assert list(frame) == EXTENT
    assert ids(frame) == [5, 6, 7, 8, 9, 10]
    assert (frame["from"], frame["to"], frame["head"], frame["more"], frame["reset"]) == (
        5, 10, 10, False, False)
    a.say("live")
    assert b.json()["message"]["id"] == 11


def test_the_extended_frame_is_spelled_to_the_byte(room):
    fill(room, 1, "é")
    epoch, stamp = epoch_of(room), room.history()["messages"][0]["ts"]
    with people.join(room.server, room.b, room.conversation, f"&since=0&epoch={epoch}") as b:
        assert b.text() == (
            f'{{"type": "history", "messages": [{{"id": 1, "user_id": {room.a.id}, '
            f'"text": "\\u00e9", "ts": {stamp}}}], "from": 1, "to": 1, "head": 1, "more": false, '
            f'"epoch": "{epoch}", "reset": false}}')


def test_since_the_head_is_an_empty_page(room):
    a = fill(room, 3)
    b, frame = room.enter(room.b, f"&since=3&epoch={epoch_of(room)}")
    assert ids(frame) == [] and frame["head"] == 3 and frame["to"] == 3
    assert frame["more"] is False and frame["reset"] is False
    a.say("live")
    assert b.json()["message"]["id"] == 4


def test_since_zero_is_everything_from_the_first_message(room):
    fill(room, 120)
    _, frame = room.enter(room.b, "&since=0")
    frames = pages(room.sockets[-1], frame)
    assert [seq for page in frames for seq in ids(page)] == list(range(1, 121))
    assert not any(page["reset"] for page in frames)


RESETS = {"another epoch": "&since=3&epoch=another", "no epoch": "&since=3",
          "an empty epoch": "&since=3&epoch=", "a seq beyond the head": "&since=99&epoch={}",
          "a huge seq": "&since=9223372036854775807&epoch={}"}


@pytest.mark.parametrize("query", RESETS.values(), ids=RESETS.keys())
def test_what_cannot_be_continued_is_reset_with_the_last_window(room, query):
    a = fill(room, 60)
    b, frame = room.enter(room.b, query.format(epoch_of(room)))
    assert frame["reset"] is True and ids(frame) == list(range(11, 61))
    a.say("live")
    assert b.json()["message"]["id"] == 61


@pytest.mark.parametrize("since", ["abc", "-1", "1.5", "1e3", "0x1", "99999999999999999999",
                                   "latest2", "1%00"])
def test_a_malformed_since_is_400_before_the_upgrade(room, since):
    path = f"/ws/chat/{room.conversation}/?token={room.a.token}&since={since}"
    with WebSocket(room.server, path) as socket:
        assert socket.status == 400
        assert "error" in json.loads(socket.body) or "detail" in json.loads(socket.body)


def test_a_long_absence_comes_in_bounded_pages_without_a_seam(room):
    a = fill(room, 300, "{:04} " + "x" * 3000)
    epoch = epoch_of(room)
    with people.join(room.server, room.b, room.conversation, f"&since=0&epoch={epoch}") as b:
        frames, seen = [], []
        while not frames or frames[-1]["more"]:
            raw = b.text(timeout=20)
            assert len(raw) <= 256 * 1024 + 4096
            frames.append(json.loads(raw))
            assert frames[-1]["from"] == (seen[-1] + 1 if seen else 1)
            seen += ids(frames[-1])
            assert frames[-1]["to"] == seen[-1]
        assert seen == list(range(1, 301)) and len(frames) > 2
        a.say("live")
        assert b.json()["message"]["id"] == 301


@pytest.mark.threads
def test_resuming_under_load_has_no_gap_and_nothing_twice(room):
    stop = threading.Event()

    def talk():
        socket = room.join(room.a)
        number = 0
        while not stop.is_set():
            socket.say(f"m{number}")
            number += 1
            assert socket.json(timeout=20)["type"] == "message"

    talker = threading.Thread(target=talk)
    talker.start()
    seen, epoch = [], ""
    try:
        for round_ in range(30):
            query = f"&since={seen[-1] if seen else 0}&epoch={epoch}"
            with people.join(room.server, room.b, room.conversation, query) as b:
                taken = 0
                while taken < 5 + round_ % 7:
                    frame = b.json(timeout=20)
                    if frame["type"] == "history":
                        assert frame["reset"] is False
                        epoch = frame["epoch"]
                        seen += ids(frame)
                    else:
                        seen.append(frame["message"]["id"])
                    taken += 1
    finally:
        stop.set()
        talker.join()
    assert seen == list(range(1, len(seen) + 1))


def test_http_history_pages_backwards_and_forwards_over_the_whole_log(room):
    fill(room, 230)
    assert list(room.history()) == ["messages"]
    assert list(room.history("?limit=5")) == ["messages"]
    got, before = [], None
    while before is None or got[0] > 1:
        page = room.history(f"?limit=50&before={before or 231}")
        assert list(page) == ["messages", "head", "epoch"] and page["head"] == 230
        got = ids(page) + got
        before = got[0]
    assert got == list(range(1, 231))
    got, after = [], 0
    while after < 230:
        page = room.history(f"?limit=60&after={after}")
        got += ids(page)
        after = got[-1]
    assert got == list(range(1, 231))
    assert ids(room.history("?after=230")) == []
    assert ids(room.history("?before=1")) == []
    assert room.history("?after=0")["epoch"] == epoch_of(room)


@pytest.mark.parametrize("query", ["?before=x", "?after=1.5", "?after=", "?before=9e9"])
def test_bad_bounds_of_the_http_history_are_400(room, query):
    answer = call(room.server, "GET",
                  f"/api/chat/conversations/{room.conversation}/history{query}", token=room.a.token)
    assert answer.status == 400, answer


def test_a_live_reader_and_the_history_tell_the_same_story(room):
    b = room.join(room.b)
    fill(room, 50)
    live = [b.json()["message"] for _ in range(50)]
    assert until(lambda: room.history("?limit=50"), "history")["messages"] == live
