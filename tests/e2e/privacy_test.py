"""Logs hold no message texts, tokens, passwords or e-mail addresses, whatever happens."""
import json
import re

import pytest

import people
from http_client import call
from ws_client import WebSocket

SECRETS = ("vermilion-text", people.PASSWORD, "@example.com", "eyJ", "vermilion-client-id")


def make_a_noise(server):
    """Everything that could write a line: good and bad requests, sockets, commands."""
    a, b = people.sign_up(server), people.sign_up(server)
    call(server, "POST", "/api/users/signup", {"email": a.email, "password": people.PASSWORD})
    tokens = people.log_in(server, a.email).json()
    people.log_in(server, a.email, people.PASSWORD + "x")
    people.log_in(server, "nobody-here@example.com")
    call(server, "POST", "/api/users/token/refresh", {"refresh": tokens["refresh"]})
    call(server, "GET", "/api/chat/conversations/list?token=" + a.token, token=a.token)
    call(server, "GET", "/api/chat/conversations/list", token=a.token + "x")
    conversation = people.create_conversation(server, a, b)
    path = f"/ws/chat/{conversation}/?token={a.token}"
    WebSocket(server, path + "x").close()
    socket, _ = people.enter(server, a, conversation)
    socket.say("vermilion-text", "vermilion-client-id")
    socket.json(), socket.json()
    socket.say("vermilion-text again", "vermilion-client-id")
    socket.json()
    socket.send(b'{"text": "vermilion-text", ')
    socket.json()
    socket.send(b"vermilion-text" * 6000)
    assert socket.close_code() == 1009
    server.admin("user", "passwd", a.email, stdin=people.PASSWORD + "2\n")
    server.admin("user", "deactivate", b.email)
    server.admin("user", "create", "made@example.com", stdin=people.PASSWORD + "\n")


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_the_log_keeps_what_is_private_to_itself(start, form):
    server = start("--log-level", "debug", environment={"BANTER_LOG_FORMAT": form})
    make_a_noise(server)
    server.stop()
    log = server.log()
    assert len(log.splitlines()) > 12
    for secret in SECRETS:
        assert secret not in log, [line for line in log.splitlines() if secret in line][:3]


def test_every_line_is_logfmt_with_an_event(start):
    server = start("--log-level", "debug")
    make_a_noise(server)
    server.stop()
    pair = r'[a-z_]+=(?:"(?:[^"\\]|\\.)*"|[^\s"=]*)'
    for line in server.lines:
        assert re.fullmatch(rf"{pair}(?: {pair})*", line), line
        assert " event=" in " " + line, line


def test_hostile_bytes_cannot_forge_a_log_line(server):
    call(server, "GET", "/%0aevent=forged%20level=info", headers=[("User-Agent", "x\x1b[31m")])
    call(server, "GET", "/a b\"c\\d".replace(" ", "%20"))
    server.stop()
    for line in server.lines:
        assert not line.startswith("event=forged") and "\x1b" not in line


def test_a_request_is_logged_with_its_id(server):
    answer = call(server, "GET", "/healthz")
    request_id = answer.headers["x-request-id"]
    server.stop()
    assert any(request_id in line for line in server.lines)


def test_errors_name_no_insides(server):
    for method, path, body in (("POST", "/api/users/login", [1]), ("GET", "/nowhere", None),
                               ("DELETE", "/healthz", None)):
        text = call(server, method, path, body).text
        assert not re.search(r"(std::|boost|\.cpp|sqlite|exception)", text, re.IGNORECASE), text
        assert json.loads(text)
