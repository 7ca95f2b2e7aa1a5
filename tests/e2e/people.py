"""Users, tokens and conversations, made through the public API."""
import base64
import dataclasses
import hashlib
import hmac
import itertools
import json
import os
import time

from banter_process import DEV_SECRET
from http_client import call
from ws_client import WebSocket

PASSWORD = "Pass1243!"
_numbers = itertools.count(1)


def _base64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def sign(claims, key=DEV_SECRET, alg="HS256", header=()):
    """A JWT with exactly these claims; `header` adds members to its header."""
    top = json.dumps({"alg": alg, "typ": "JWT", **dict(header)}).encode()
    signed = _base64(top) + b"." + _base64(json.dumps(claims).encode())
    digest = {"HS256": "sha256", "HS512": "sha512"}
    mac = b"" if alg == "none" else hmac.new(key.encode(), signed, digest[alg]).digest()
    return (signed + b"." + _base64(mac)).decode()


def claims(user_id, seconds=3600, **changed):
    """The claims of an access token that lives for `seconds`."""
    now = int(time.time())
    return {"token_type": "access", "exp": now + seconds, "iat": now,
            "jti": hashlib.md5(os.urandom(16)).hexdigest(), "user_id": user_id, **changed}


def access_token(user_id, key=DEV_SECRET, **changed):
    """An access token as the server itself would sign it."""
    return sign(claims(user_id, **changed), key)


@dataclasses.dataclass(frozen=True)
class Person:
    """A signed-up user with a live access token."""

    id: int
    email: str
    token: str


def sign_up(server, name=None, key=DEV_SECRET):
    """A new user; the e-mail address is unique within this run unless a name is given."""
    email = f"{name or f'user{next(_numbers)}-{os.getpid()}'}@example.com"
    answer = call(server, "POST", "/api/users/signup",
                  {"first_name": "E", "last_name": "User", "email": email, "password": PASSWORD})
    assert answer.status == 201, answer
    user_id = answer.json()["id"]
    return Person(user_id, email, access_token(user_id, key))


def log_in(server, email, password=PASSWORD):
    """The response of a login."""
    return call(server, "POST", "/api/users/login", {"email": email, "password": password})


def create_conversation(server, owner, *others):
    """The id of a new conversation of these people."""
    answer = call(server, "POST", "/api/chat/conversations",
                  {"member_ids": [other.id for other in others]}, owner.token)
    assert answer.status == 200, answer
    return answer.json()["conversation_id"]


def join(server, person, conversation, query="", **options):
    """An upgraded socket of a conversation; its first frame is still to be read."""
    socket = WebSocket(server, f"/ws/chat/{conversation}/?token={person.token}{query}", **options)
    assert socket.status == 101, (socket.status, socket.body)
    return socket


def enter(server, person, conversation, query="", **options):
    """Joins and returns (socket, history frame)."""
    socket = join(server, person, conversation, query, **options)
    history = socket.json()
    assert history["type"] == "history", history
    return socket, history


def history(server, person, conversation, query=""):
    """The JSON of the HTTP history."""
    answer = call(server, "GET", f"/api/chat/conversations/{conversation}/history{query}",
                  token=person.token)
    assert answer.status == 200, answer
    return answer.json()
