"""What docs/nodes.md says of backups and standbys of PostgreSQL, done as it says."""
import pytest

import people
from banter_process import Banter
from servers import shared
from servers.postgres import PostgresServer
from waiting import until
from ws_client import WebSocket

pytestmark = pytest.mark.nodes
NEW_EPOCH = "DELETE FROM banter.meta WHERE key = 'life'"


class Talk:
    """Two people, a conversation and three messages on a node."""

    def __init__(self, node):
        self.a, self.b = people.sign_up(node), people.sign_up(node)
        self.conversation = people.create_conversation(node, self.a, self.b)
        for text in ("one", "two", "three"):
            self.say(node, text)
        self.epoch = self.come_back(node, 0)["epoch"]

    def come_back(self, node, since, epoch=None):
        """The first frame of a resume."""
        asked = "latest" if since == 0 else f"{since}&epoch={epoch or self.epoch}"
        socket, frame = people.enter(node, self.b, self.conversation, f"&since={asked}")
        socket.close()
        return frame

    def may_join(self, node):
        """Whether the node takes sockets."""
        path = f"/ws/chat/{self.conversation}/?token={self.a.token}"
        with WebSocket(node, path) as socket:
            return socket.status == 101

    def say(self, node, text):
        """One message more."""
        socket, _ = people.enter(node, self.a, self.conversation)
        socket.say(text)
        assert socket.json()["message"]["text"] == text
        socket.close()


def texts(frame):
    return [message["text"] for message in frame["messages"]]


def test_a_dump_that_is_restored_begins_a_new_epoch():
    postgres = shared.postgres()
    with Banter(database=postgres.database(), redis=shared.redis().url) as node:
        talk = Talk(node)
        dump = postgres.folder / f"{node.port}.dump"
        postgres.dump(node.database, dump)
        talk.say(node, "after the dump")
        before = talk.come_back(node, 3)
        assert before["reset"] is False and texts(before) == ["after the dump"]
    with Banter(database=postgres.restore(dump), redis=shared.redis().url) as node:
        after = talk.come_back(node, 4)
        assert after["reset"] is True and after["epoch"] != talk.epoch
        assert texts(after) == ["one", "two", "three"]
        talk.say(node, "another fourth")
        assert texts(talk.come_back(node, 3, after["epoch"])) == ["another fourth"]


def test_a_base_backup_is_told_that_it_is_another_life():
    with PostgresServer() as original:
        with Banter(database=original.database(), redis=shared.redis().url) as node:
            talk = Talk(node)
            name = node.database.rsplit("/", 1)[1]
            copy = PostgresServer(copy_of=original)
            talk.say(node, "after the backup")
    with copy:
        copy.query(NEW_EPOCH, name)
        with Banter(database=copy.url_of(name), redis=shared.redis().url) as node:
            after = talk.come_back(node, 4)
            assert after["reset"] is True and after["epoch"] != talk.epoch
            assert texts(after) == ["one", "two", "three"]


def test_a_standby_that_is_promoted_goes_on_in_a_new_epoch():
    with PostgresServer() as primary, PostgresServer(copy_of=primary, follows=True) as standby:
        name = primary.database().rsplit("/", 1)[1]
        both = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        with Banter(database=f"postgres://postgres@{both}/{name}?target_session_attrs=read-write",
                    redis=shared.redis().url) as node:
            talk = Talk(node)
            until(lambda: standby.query("SELECT count(*) FROM banter.events", name) == "3\n",
                  "the standby has everything")
            primary.kill()
            standby.promote()
            until(lambda: "event=store_epoch_changed" in node.log(), "the node has found it", 30)
            until(lambda: talk.may_join(node), "it serves again", 10)
            after = talk.come_back(node, 3)
            assert after["reset"] is True and after["epoch"] != talk.epoch
            assert texts(after) == ["one", "two", "three"]
            talk.say(node, "four")
            assert texts(talk.come_back(node, 3, after["epoch"])) == ["four"]
