"""Replays http.json: the cases run in order and share what they save."""
import json
import time

import http_client
import people
from contract.matching import content, fill, same
from ws_client import WebSocket

EMAILS = {"deactivate": "erin@example.com", "delete": "frank@example.com"}


class HttpReplay:
    """One run of all HTTP cases. `admin(verb, email)` changes an account."""

    def __init__(self, server, document, admin):
        self.server = server
        self.document = document
        self.admin = admin
        self.variables = {}

    def run(self):
        """Yields (index, problems) for each case that asks something of the server."""
        for index, case in enumerate(self.document["cases"]):
            kind = case["kind"]
            if kind == "mint":
                self._mint(case)
            elif kind == "hook":
                self._hook(case)
            else:
                yield index, self._case(case)

    def _mint(self, case):
        claims = {}
        for name, value in case["claims"].items():
            if name in ("exp", "iat", "nbf") and isinstance(value, str) and value[:1] in "+-":
                value = int(time.time()) + int(value)
            elif isinstance(value, str) and value.startswith("S{{"):
                value = fill(value[1:], self.variables)
            elif isinstance(value, str) and value.startswith("{{"):
                value = int(fill(value, self.variables))
            claims[name] = value
        self.variables[case["name"]] = people.sign(
            claims, case["key"], case["alg"], case["jwt_header"].items())

    def _hook(self, case):
        if case["name"] == "messages":
            self._messages(case["conv"], case["count"])
        else:
            self.admin(case["name"], EMAILS[case["name"]])

    def _messages(self, conversation, count):
        """m1..mN by alice, over the socket, as a client would send them."""
        token = people.access_token(self.variables["uid.alice"])
        path = f"/ws/chat/{self.variables[conversation]}/?token={token}"
        with WebSocket(self.server, path) as socket:
            socket.json()
            for number in range(1, count + 1):
                socket.say(f"m{number}")
                assert socket.json()["message"]["text"] == f"m{number}"

    # ------------------------------------------------------------ one case

    def _case(self, case):
        asked = case["request"]
        path = content(asked["path"], self.variables).decode()
        headers = [(name, content(value, self.variables).decode("utf-8", "surrogateescape"))
                   for name, value in asked["headers"]]
        try:
            answer = http_client.request(
                self.server, asked["method"], path, headers,
                content(asked.get("body"), self.variables), asked.get("http_version", "1.1"))
        except (OSError, ValueError) as error:
            return [repr(error)]
        problems = []
        got = self._body(answer, problems)
        self._save(case, got, problems)
        want = case["expect"]
        if answer.status not in want["status"]:
            problems.append(f"status {answer.status}, want {want['status']}; body {got!r:.120}")
            return problems
        self._compare_body(want, got, problems)
        self._compare_headers(want, answer.headers, problems)
        return problems

    @staticmethod
    def _body(answer, problems):
        if answer.headers.get("content-type", "").startswith("application/json") and answer.body:
            try:
                return answer.json()
            except ValueError:
                problems.append("not JSON, though it says so")
        return answer.text

    def _save(self, case, got, problems):
        for variable, where in case.get("save", {}).items():
            value = got
            try:
                for key in where.split("."):
                    value = value[key]
                self.variables[variable] = value
            except (KeyError, TypeError, IndexError):
                problems.append(f"nothing to save as {variable}")

    def _compare_body(self, want, got, problems):
        if want.get("unordered"):
            wanted = len(want["body"]["conversations"])
            if not isinstance(got, dict) or len(got.get("conversations", [])) != wanted:
                problems.append(f"body {got!r:.160}, want {wanted} conversations")
        elif "body" in want and not same(want["body"], got, self.variables):
            problems.append(f"body {got!r:.160}, want {want['body']!r:.160}")
        summary = want.get("body_summary", {})
        if "messages" in summary:
            ids = [message["id"] for message in got.get("messages", [])]
            wanted = (summary["messages"], [summary["first_id"]], [summary["last_id"]])
            if (len(ids), ids[:1], ids[-1:]) != wanted:
                problems.append(f"messages {len(ids)}: {ids[:1]}..{ids[-1:]}, want {summary}")
        if "conversations" in summary and not got.get("conversations"):
            problems.append("no conversations")

    def _compare_headers(self, want, got, problems):
        wanted = {name: value for name, value in want.get("headers", {}).items() if value}
        if want.get("common_headers"):
            wanted.update(self.document["meta"]["common_headers"])
        for name, value in wanted.items():
            have = got.get(name, "")
            if not (have.startswith(value) if name == "content-type" else have == value):
                problems.append(f"{name}: {have!r}, want {value!r}")


def load(path):
    """The recorded document."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)
