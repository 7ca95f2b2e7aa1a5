"""Two people in one conversation, and the sockets that a test opens there."""
import dataclasses

import people
from banter_process import Banter


@dataclasses.dataclass
class Room:
    """Two people in one conversation; `join` opens sockets that close with the test."""

    server: Banter
    a: people.Person
    b: people.Person
    conversation: int
    sockets: list = dataclasses.field(default_factory=list)

    def enter(self, person=None, query="", **options):
        """(socket, history frame)."""
        socket, history = people.enter(self.server, person or self.a, self.conversation, query,
                                       **options)
        self.sockets.append(socket)
        return socket, history

    def join(self, person=None, query="", **options):
        """A socket past its history frame."""
        return self.enter(person, query, **options)[0]

    def history(self, query=""):
        """The HTTP history as its first member sees it."""
        return people.history(self.server, self.a, self.conversation, query)


def make_room(server):
    """A conversation of two new people."""
    a, b = people.sign_up(server), people.sign_up(server)
    return Room(server, a, b, people.create_conversation(server, a, b))
