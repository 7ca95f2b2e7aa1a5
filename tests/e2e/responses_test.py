"""What every response carries, and how the pages inside the binary are served."""
import base64
import gzip
import json
import re

import pytest

import http_client
import people
from http_client import call
from ws_client import WebSocket

SECURITY = {"x-frame-options": "DENY", "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin", "cross-origin-opener-policy": "same-origin"}
REQUESTS = [("GET", "/"), ("GET", "/wsdemo/"), ("GET", "/wsdemo"), ("GET", "/healthz"),
            ("GET", "/livez"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/nowhere"),
            ("GET", "/assets/nothing.js"), ("GET", "/api/chat/conversations/list"),
            ("PUT", "/api/users/login"), ("POST", "/api/users/login"), ("OPTIONS", "/healthz"),
            ("HEAD", "/"), ("BREW", "/healthz"), ("GET", "/" + "x" * 20000),
            ("GET", "/ws/chat/1/"), ("GET", "/api/chat/conversations/1/history")]


@pytest.mark.parametrize("method, path", REQUESTS, ids=lambda value: value[:30])
def test_every_response_has_the_security_headers_and_an_id(server, method, path):
    answers = [call(server, method, path, {} if method == "POST" else None) for _ in range(2)]
    for answer in answers:
        assert answer.status is not None and answer.status < 500
        for name, value in SECURITY.items():
            assert answer.headers.get(name) == value, name
        assert answer.headers["server"] == "Banter"
        assert re.fullmatch(r"[0-9a-f]{16,32}", answer.headers["x-request-id"])
        assert "access-control-allow-origin" not in answer.headers
    assert answers[0].headers["x-request-id"] != answers[1].headers["x-request-id"]


def test_an_upgrade_and_a_refused_one_carry_them_too(room):
    for token, status in ((room.a.token, 101), ("bad", 403)):
        with WebSocket(room.server, f"/ws/chat/{room.conversation}/?token={token}") as socket:
            assert socket.status == status
            assert "x-request-id" in socket.headers and socket.headers["server"] == "Banter"


def test_a_strangers_request_id_is_not_believed(server):
    answer = call(server, "GET", "/healthz", headers=[("X-Request-ID", "forged-0000000000")])
    assert answer.headers["x-request-id"] != "forged-0000000000"


def test_every_file_of_the_pages_is_served_precompressed_and_cacheable(server):
    seen, todo = {}, ["/", "/wsdemo/"]
    while todo:
        path = todo.pop()
        plain = call(server, "GET", path)
        assert plain.status == 200, path
        seen[path] = plain.headers["content-type"]
        assert "etag" in plain.headers and "cache-control" in plain.headers
        packed = call(server, "GET", path, headers=[("Accept-Encoding", "gzip")])
        if packed.headers.get("content-encoding") == "gzip":
            assert gzip.decompress(packed.body) == plain.body
            assert len(packed.body) < len(plain.body)
        again = call(server, "GET", path, headers=[("If-None-Match", plain.headers["etag"])])
        assert again.status == 304 and again.body == b""
        if plain.headers["content-type"].startswith("text/html"):
            links = re.findall(r'(?:src|href)="(/[^"#]*)"', plain.text)
            todo += [link for link in links if link not in seen and link not in todo]
            policy = plain.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
    assert len(seen) > 5 and seen["/assets/app.js"].startswith("text/javascript")


@pytest.mark.parametrize("path", [
    "/assets/../index.html", "/assets/%2e%2e/index.html", "/assets//app.js", "/assets/app.js/",
    "/assets/", "/assets/APP.JS", "/assets/app.js%00", "//assets/app.js", "/%2fetc/passwd",
    "/assets/..%2f..%2fetc/passwd"])
def test_no_other_spelling_reaches_a_file(server, path):
    assert call(server, "GET", path).status in (400, 404)


def test_tokens_are_spelled_as_the_replaced_system_spells_them(server):
    person = people.sign_up(server)
    tokens = people.log_in(server, person.email).json()
    assert list(tokens) == ["access", "refresh", "user"]
    for kind, lifetime in (("access", 43200), ("refresh", 86400)):
        parts = tokens[kind].split(".")
        raw = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts]
        assert raw[0] == b'{"alg":"HS256","typ":"JWT"}'
        claims = json.loads(raw[1])
        assert list(claims) == ["token_type", "exp", "iat", "jti", "user_id"]
        assert claims["token_type"] == kind and claims["exp"] - claims["iat"] == lifetime
        assert re.fullmatch("[0-9a-f]{32}", claims["jti"]) and claims["user_id"] == person.id
        signed = people.sign(claims)  # the same secret, signed here
        assert call(server, "GET", "/api/chat/conversations/list",
                    token=signed).status == (200 if kind == "access" else 401)


def test_keep_alive_serves_many_requests_on_one_connection(server):
    with http_client.connect(server) as sock:
        stream = http_client.Stream(sock)
        for _ in range(50):
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert http_client.read_response(stream).status == 200
