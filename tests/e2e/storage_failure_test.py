"""A disk that fails at commit: no more writes until restart, an honest /readyz, nothing lost."""
import json

import people
from banter_process import Banter
from http_client import call
from waiting import until

LIMIT = 3 * 1024 * 1024  # bytes per file: what stands in for the broken disk
WRAP = ["/bin/sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", "prlimit", f"--fsize={LIMIT}:{LIMIT}"]


def write_until_refused(socket):
    """Sends until an error frame comes: ({client_id: seq} of the acks, the error)."""
    acks, number = {}, 0
    while True:
        number += 1
        socket.say(f"{number} " + "x" * 8000, f"c-{number}")
        while True:
            frame = socket.json(timeout=20)
            if frame["type"] == "ack":
                acks[frame["client_id"]] = frame["id"]
                break
            if frame["type"] == "error":
                return acks, frame
        assert number < 5000, "the limit was never met"


def test_a_failed_commit_stops_writing_and_loses_nothing_acknowledged():
    with Banter(wrap=WRAP) as server:
        a = people.sign_up(server)
        conversation = people.create_conversation(server, a)
        socket, _ = people.enter(server, a, conversation)
        acks, error = write_until_refused(socket)
        assert error["code"] == "unavailable" and error["client_id"] == f"c-{len(acks) + 1}"
        assert error["retry_after"] >= 1 and len(acks) > 50

        # The socket stays open, reading works, and the probes tell the truth.
        socket.say("again", "c-again")
        assert socket.json()["code"] == "unavailable"
        until(lambda: call(server, "GET", "/readyz").status == 503, "/readyz says so")
        assert call(server, "GET", "/livez").status == 200
        refused = call(server, "POST", "/api/users/signup", {
            "first_name": "A", "last_name": "B", "email": "late@example.com",
            "password": people.PASSWORD})
        assert refused.status == 503 and int(refused.headers["retry-after"]) >= 1
        socket.close()
        server.stop()

        server.wrap = []
        server.start()
        stored, after = {}, 0
        while page := people.history(server, a, conversation,
                                     f"?limit=200&after={after}")["messages"]:
            stored.update({message["id"]: message["text"] for message in page})
            after = page[-1]["id"]
        assert sorted(stored) == list(range(1, len(stored) + 1))
        for client_id, seq in acks.items():
            assert stored[seq].startswith(client_id[2:] + " ")
        socket, _ = people.enter(server, a, conversation)
        socket.say(json.dumps(error)[:100], "c-later")
        assert {socket.json()["type"], socket.json()["type"]} == {"message", "ack"}
        socket.close()
