"""Writers and readers that never give up, on one node or many, and the check of the promise.

Writers send with client_ids, resend what was not acknowledged, and remember every ack. A reader
resumes with the last seq it saw. Each (re)connect goes to a node of its own choice.
"""
import json
import random
import threading

import people
from waiting import FACTOR, until
from ws_client import WebSocket

WINDOW = 8  # sends a writer has on the way


class Client(threading.Thread):
    """Connects, works until the socket breaks, and connects again until it is told to stop."""

    def __init__(self, servers, person, conversation, away=(None, 503)):
        super().__init__(daemon=True)
        self.servers, self.person, self.conversation = list(servers), person, conversation
        self.away = away
        self.stopping = threading.Event()
        self.problem = None
        self.start()

    def run(self):
        try:
            while not self.done():
                socket = self._connect()
                if socket is None:
                    self.stopping.wait(0.02)  # not at full speed against a node that is away
                    continue
                with socket:
                    self.work(socket)
        except Exception as error:  # pylint: disable=broad-except
            self.problem = error

    def _connect(self):
        path = f"/ws/chat/{self.conversation}/?token={self.person.token}{self.query()}"
        try:
            socket = WebSocket(random.choice(self.servers), path)
        except OSError:
            return None
        if socket.status == 101:
            return socket
        socket.close()
        assert socket.status in self.away, socket.status
        return None

    def finish(self, seconds=60):
        """Waits until its work is complete."""
        self.stopping.set()
        self.join(seconds * FACTOR)
        if self.problem is not None:
            raise self.problem
        assert not self.is_alive(), f"{type(self).__name__} did not finish"


class Writer(Client):
    """Sends `name-N` with the same client_id until stopped; done when all of them are acked."""

    def __init__(self, servers, person, conversation, name, **options):
        self.name_, self.number = name, 0
        self.waiting, self.acks = {}, {}  # client_id -> None; client_id -> id
        super().__init__(servers, person, conversation, **options)

    @staticmethod
    def query():
        return "&since=latest"

    def done(self):
        return self.stopping.is_set() and not self.waiting

    def _fill(self, socket):
        while len(self.waiting) < WINDOW and not self.stopping.is_set():
            self.number += 1
            client_id = f"{self.name_}-{self.number}"
            self.waiting[client_id] = None
            socket.say(client_id, client_id)

    def work(self, socket):
        for client_id in list(self.waiting):
            socket.say(client_id, client_id)
        while not self.done():
            self._fill(socket)
            got = socket.frame(timeout=5)
            if got is None or got[0] != "text":
                return
            frame = json.loads(got[1])
            if frame["type"] == "ack":
                known = self.acks.setdefault(frame["client_id"], frame["id"])
                assert known == frame["id"], f"two acks: {known}, {frame}"
                self.waiting.pop(frame["client_id"], None)
            elif frame["type"] == "error":
                assert frame["code"] in ("overloaded", "unavailable"), frame
                assert frame["retry_after"] >= 1
                self.stopping.wait(0.1)
                socket.say(frame["client_id"], frame["client_id"])


class Reader(Client):
    """Remembers (seq, text) of everything it sees, and comes back with the last seq."""

    def __init__(self, servers, person, conversation, **options):
        self.seen, self.epoch = [], ""
        super().__init__(servers, person, conversation, **options)

    def query(self):
        return f"&since={len(self.seen)}&epoch={self.epoch}"

    def done(self):
        return self.stopping.is_set()

    def _take(self, message):
        assert message["id"] == len(self.seen) + 1, f"{message['id']} after {len(self.seen)}"
        self.seen.append(message["text"])

    def work(self, socket):
        while not self.done():
            got = socket.frame(timeout=0.5)
            if got is None:
                continue
            if got[0] != "text":
                return
            frame = json.loads(got[1])
            if frame["type"] == "history":
                assert not frame["reset"], frame
                self.epoch = frame["epoch"]
            for message in frame.get("messages", []) or [frame.get("message")]:
                if message:
                    self._take(message)


def whole_log(server, person, conversation):
    """Every message by HTTP, oldest first."""
    messages = []
    while True:
        after = messages[-1]["id"] if messages else 0
        page = people.history(server, person, conversation, f"?limit=200&after={after}")
        if not page["messages"]:
            assert page["head"] == after, page
            return messages
        messages += page["messages"]


class Crowd:
    """Writers and readers of one new conversation, spread over the servers."""

    def __init__(self, servers, writers=4, readers=1, **options):
        self.servers = list(servers)
        self.people = [people.sign_up(servers[0]) for _ in range(writers + readers)]
        self.conversation = people.create_conversation(servers[0], *self.people)
        self.readers = [Reader(servers, person, self.conversation, **options)
                        for person in self.people[writers:]]
        self.writers = [Writer(servers, person, self.conversation, f"w{index}", **options)
                        for index, person in enumerate(self.people[:writers])]

    @property
    def clients(self):
        """All of them."""
        return [*self.readers, *self.writers]

    def acks(self):
        """How many messages are acknowledged."""
        return sum(len(writer.acks) for writer in self.writers)

    def await_acks(self, more, seconds=30):
        """Until that many more messages are acknowledged, or something has gone wrong."""
        goal = self.acks() + more
        until(lambda: self.acks() >= goal or any(client.problem for client in self.clients),
              f"{goal} acknowledged messages", seconds)

    def finish(self):
        """Lets everybody end his work, and checks the promise on every node."""
        for writer in self.writers:
            writer.finish()
        head = sum(writer.number for writer in self.writers)
        for reader in self.readers:
            until(lambda: len(reader.seen) >= head or reader.problem,  # pylint: disable=W0640
                  "the reader catches up", 30)
            reader.finish()
        logs = [whole_log(server, self.people[0], self.conversation) for server in self.servers]
        assert all(log == logs[0] for log in logs), "nodes tell different logs"
        self._check(logs[0])
        return self.acks()

    def _check(self, messages):
        ids = [message["id"] for message in messages]
        assert ids == list(range(1, len(messages) + 1)), "a hole"
        texts = [message["text"] for message in messages]
        assert len(set(texts)) == len(texts), "a message is stored twice"
        by_id = {message["id"]: message["text"] for message in messages}
        for writer in self.writers:
            for client_id, seq in writer.acks.items():
                assert by_id.get(seq) == client_id, f"acknowledged and lost: {client_id} as {seq}"
            mine = [text for text in texts if text.startswith(writer.name_ + "-")]
            assert len(mine) == writer.number, f"{writer.name_}: {len(mine)} of {writer.number}"
        for reader in self.readers:
            assert len(reader.seen) == len(texts), f"{len(reader.seen)} seen of {len(texts)}"
            assert reader.seen == texts, "a reader saw another log"
