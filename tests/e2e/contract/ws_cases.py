"""Replays ws.json: handshakes, and frames in a fresh conversation of two people for each case."""
import base64
import json
import os

import http_client
import people
from contract.matching import same_frame
from ws_client import WebSocket

QUIET_SECONDS = 0.15  # how long nobody else may hear anything


class WsReplay:
    """One run of all WebSocket cases against a server with its limits lifted."""

    def __init__(self, server, document):
        self.server = server
        self.document = document
        self.a, self.b = people.sign_up(server, "ws-a"), people.sign_up(server, "ws-b")
        self.stranger = people.sign_up(server, "ws-c")
        self.conversation = people.create_conversation(server, self.a, self.b)

    def run(self):
        """Yields (kind, index, problems)."""
        for index, case in enumerate(self.document["handshake"]):
            if case["name"] == "raw high byte in query":
                continue
            run = self._handshake if case.get("path") else self._raw_handshake
            yield "handshake", index, run(case)
        for index, case in enumerate(self.document["frames"]):
            if "send" in case:
                yield "frames", index, self._frames(case)

    # ------------------------------------------------------------ handshakes

    def _signed(self, **changed):
        return people.access_token(self.a.id, **changed)

    def _without(self, name, **added):
        claims = {k: v for k, v in people.claims(self.a.id).items() if k != name}
        return people.sign({**claims, **added})

    def _refresh(self):
        return people.log_in(self.server, self.a.email).json()["refresh"]

    def _query(self, name, ok):
        """What stands after the path, by the case's name."""
        tokens = {
            "empty token": "", "garbage token": "abc",
            "expired": self._signed(seconds=-5),
            "wrong key": people.access_token(self.a.id, key="another key"),
            "alg none": people.sign(people.claims(self.a.id), alg="none"),
            "HS512": people.sign(people.claims(self.a.id), alg="HS512"),
            "sliding type": self._signed(token_type="sliding"),
            "no token_type": self._without("token_type"), "no jti": self._without("jti"),
            "no exp": self._without("exp"), "no user_id": self._without("user_id"),
            "'user' claim instead of user_id": self._without("user_id", user=self.a.id),
            "user_id is a digit string": people.access_token(str(self.a.id)),
            "user_id not a number": people.access_token("abc"),
            "user_id null": people.access_token(None), "user_id 0": people.access_token(0),
            "user_id 10**30": people.access_token(10**30),
            "user does not exist": people.access_token(999999),
            "user_id list": people.access_token([self.a.id]),
            "not a member": self.stranger.token,
            "token twice (first wins)": f"{ok}&token=bad",
            "token twice, bad first": f"bad&token={ok}",
            "token with a leading +/space": "+" + ok,
            "token percent-encoded dots": ok.replace(".", "%2E"),
        }
        queries = {
            "no token": "", "room does not exist, no token": "", "token key only": "?token",
            "token key upper case": "?TOKEN=" + ok, "token after other params": "?a=b&token=" + ok,
            "query separator ;": "?a=b;token=" + ok, "invalid UTF-8 in query": "?x=%FF&token=" + ok,
            "Authorization header instead of query": "", "token as cookie": "",
            "token as subprotocol": "",
        }
        if name == "refresh token":
            return "?token=" + self._refresh()
        return queries.get(name, "?token=" + tokens.get(name, ok))

    @staticmethod
    def _extra_headers(name, ok):
        return {
            "Authorization header instead of query": [f"Authorization: Bearer {ok}"],
            "token as cookie": [f"Cookie: token={ok}"],
            "token as subprotocol": [f"Sec-WebSocket-Protocol: {ok}"],
            "subprotocol offered": ["Sec-WebSocket-Protocol: chat"],
            "foreign Origin": ["Origin: https://evil.example"],
            "permessage-deflate offered": ["Sec-WebSocket-Extensions: permessage-deflate"],
        }.get(name, [])

    def _handshake(self, case):
        ok, name = self._signed(), case["name"]
        path = case["path"].replace("{cid}", str(self.conversation)) + self._query(name, ok)
        with WebSocket(self.server, path, self._extra_headers(name, ok)) as socket:
            problems = _compare_status(case, socket.status)
            if not problems and case.get("first"):
                first = socket.frame()
                if first != ["text", '{"type": "history", "messages": []}']:
                    problems.append(f"first frame {first}")
        return problems

    def _raw_handshake(self, case):
        """Upgrades that a WebSocket client would never send."""
        headers = {
            "Host": self.server.address, "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        }
        changed = {
            "version 8": {"Sec-WebSocket-Version": "8"}, "short key": {"Sec-WebSocket-Key": "abc"},
            "no version": {"Sec-WebSocket-Version": None}, "no key": {"Sec-WebSocket-Key": None},
            "no Connection header": {"Connection": None}, "no Host": {"Host": None},
            "Connection: keep-alive, Upgrade": {"Connection": "keep-alive, Upgrade"},
            "Upgrade: WebSocket (case)": {"Upgrade": "WebSocket"},
            "Upgrade: h2c": {"Upgrade": "h2c"},
            "plain GET without upgrade": {"Upgrade": None, "Connection": None},
        }.get(case["name"], {})
        method = "POST" if case["name"].startswith("POST") else "GET"
        version = "1.0" if case["name"] == "HTTP/1.0" else "1.1"
        lines = [f"{method} /ws/chat/{self.conversation}/?token={self._signed()} HTTP/{version}"]
        lines += [f"{k}: {v}" for k, v in {**headers, **changed}.items() if v]
        with http_client.connect(self.server) as sock:
            sock.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
            answer = http_client.read_response(http_client.Stream(sock), head_only=True)
        return _compare_status(case, answer.status)

    # ------------------------------------------------------------ frames

    def _frames(self, case):
        conversation = people.create_conversation(self.server, self.a, self.b)
        with people.join(self.server, self.a, conversation) as sender, \
                people.join(self.server, self.b, conversation) as other:
            sender.json(), other.json()
            for frame in case["send"]:
                sender.send(self._payload(frame), frame.get("opcode", 1),
                            fin=frame.get("fin", True), mask=frame.get("mask", True),
                            rsv=frame.get("rsv", 0))
            problems = self._sender_frames(case["expect_sender"], sender)
            problems += self._other_frames(case["expect_other"], other)
            if case.get("alive_after"):
                sender.send(b'{"text": "still here"}')
                got = sender.frame()
                if not got or got[0] != "text" or "still here" not in got[1]:
                    problems.append(f"connection not usable afterwards: {got}")
        return problems

    def _payload(self, frame):
        if "json" in frame:
            members = {name: value["repeat"] * value["count"] if isinstance(value, dict) else value
                       for name, value in frame["json"].items()}
            return json.dumps(members).encode()
        text = frame.get("payload", frame.get("payload_latin1", ""))
        if isinstance(text, dict):
            text = text["repeat"] * text["count"]
        text = text.replace("{{uid.a}}", str(self.a.id))
        if "payload_latin1" in frame:
            return text.encode("latin1")
        return text.encode("utf-8", "surrogatepass")

    def _sender_frames(self, wanted, sender):
        if isinstance(wanted, str):
            got = sender.frame()
            refused = got and (got[0] == "close" or
                               got[0] == "text" and json.loads(got[1]).get("type") == "error")
            return [] if refused else [f"sender got {got!s:.120}, want an error or a close code"]
        problems = []
        for want in wanted:
            got = sender.frame()
            protocol_error = want[0] == "close" and want[1][0] == 1002
            if protocol_error and got == ["eof", None]:
                continue
            if not same_frame(want, got, self.a.id):
                problems.append(f"sender got {got!s:.120}, want {want!s:.120}")
        return problems

    def _other_frames(self, wanted, other):
        problems = []
        for want in wanted:
            got = other.frame()
            if not same_frame(want, got, self.a.id):
                problems.append(f"other got {got!s:.120}, want {want!s:.120}")
        surplus = other.frame(timeout=QUIET_SECONDS)
        if surplus:
            problems.append(f"other also got {surplus!s:.120}")
        return problems


def _compare_status(case, status):
    wanted = case["status"] if isinstance(case["status"], list) else [case["status"]]
    return [] if status in wanted else [f"status {status}, want {wanted}"]
