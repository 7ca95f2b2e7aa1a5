"""Who is deactivated, removed or out of time loses requests and sockets within two seconds."""
import time

import pytest

import people
from http_client import call
from waiting import FACTOR, until
from ws_client import WebSocket

LIMIT = 2.0


def list_status(server, person):
    return call(server, "GET", "/api/chat/conversations/list", token=person.token)


def closes_within(socket, code, begun):
    assert socket.close_code(timeout=LIMIT + 3) == code
    took = time.monotonic() - begun
    assert took <= LIMIT * FACTOR, f"{took:.1f} s"


@pytest.mark.parametrize("verb", ["deactivate", "delete"])
def test_a_user_who_is_taken_out_loses_every_socket_and_request(room, verb):
    sockets = [room.join(room.b) for _ in range(3)]
    a = room.join(room.a)
    begun = time.monotonic()
    room.server.admin("user", verb, room.b.email)
    for socket in sockets:
        closes_within(socket, 4003, begun)
    answer = list_status(room.server, room.b)
    assert answer.status == 401
    assert answer.json()["code"] == ("user_inactive" if verb == "deactivate" else "user_not_found")
    again = WebSocket(room.server, f"/ws/chat/{room.conversation}/?token={room.b.token}")
    assert again.status == 403
    assert people.log_in(room.server, room.b.email).status == 400
    a.say("the others go on")
    assert a.json()["message"]["text"] == "the others go on"


def test_an_activated_user_is_back(room):
    room.server.admin("user", "deactivate", room.b.email)
    until(lambda: list_status(room.server, room.b).status == 401, "b is out", LIMIT)
    room.server.admin("user", "activate", room.b.email)
    until(lambda: list_status(room.server, room.b).status == 200, "b is back", LIMIT)
    assert room.enter(room.b)[1]["type"] == "history"


def test_a_removed_member_is_closed_4011_and_stays_out_of_that_conversation(room):
    other = people.create_conversation(room.server, room.a, room.b)
    elsewhere, _ = people.enter(room.server, room.b, other)
    b, a = room.join(room.b), room.join(room.a)
    begun = time.monotonic()
    room.server.admin("conversation", "members", room.conversation, "remove", room.b.email)
    closes_within(b, 4011, begun)
    assert WebSocket(room.server,
                     f"/ws/chat/{room.conversation}/?token={room.b.token}").status == 403
    gone = call(room.server, "GET", f"/api/chat/conversations/{room.conversation}/history",
                token=room.b.token)
    assert gone.status == 404
    a.say("without b")
    assert a.json()["message"]["text"] == "without b"
    elsewhere.say("still here")
    assert elsewhere.json()["message"]["text"] == "still here"
    elsewhere.close()


def test_an_added_member_may_enter_at_once(room):
    c = people.sign_up(room.server)
    assert WebSocket(room.server, f"/ws/chat/{room.conversation}/?token={c.token}").status == 403
    room.server.admin("conversation", "members", room.conversation, "add", c.email)
    socket, _ = people.enter(room.server, c, room.conversation)
    socket.say("here I am")
    assert socket.json()["message"]["user_id"] == c.id
    socket.close()


def test_an_expired_token_ends_its_socket_4010_and_no_other(room):
    seconds = 3
    begun = time.time()
    short = people.access_token(room.b.id, seconds=seconds)
    expires = int(begun) + seconds
    dying = WebSocket(room.server, f"/ws/chat/{room.conversation}/?token={short}")
    living = room.join(room.b)
    assert dying.status == 101
    assert dying.json()["type"] == "history"
    assert dying.close_code(timeout=seconds + LIMIT + 2) == 4010
    took = time.time() - expires
    assert -0.1 <= took <= LIMIT * FACTOR + 1, f"{took:.1f} s after the expiry"
    living.say("still here")
    assert living.json()["message"]["text"] == "still here"


def test_a_changed_password_lets_the_new_one_in_and_not_the_old(room):
    room.server.admin("user", "passwd", room.b.email, stdin="Another123!\n")
    assert people.log_in(room.server, room.b.email).status == 400
    assert people.log_in(room.server, room.b.email, "Another123!").status == 200
