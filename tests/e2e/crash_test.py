"""The short version of crash.py, which has a longer one as a script."""
import pytest

import crash
import people
from banter_process import Banter
from room import make_room
from waiting import until

MIB = 1024 * 1024


@pytest.mark.threads
def test_killed_under_load_no_acknowledged_message_is_lost_doubled_or_moved():
    total, _ = crash.run(kills=5)
    assert total >= 200


def test_terminated_under_load_every_exit_is_clean_and_nothing_is_lost():
    total, _ = crash.run(kills=3, terminate=True)
    assert total >= 120


@pytest.mark.parametrize("wal_mib", [1, 8, 16])
def test_killed_while_or_after_the_log_was_extended_it_has_every_message(wal_mib):
    with Banter() as server:
        room = make_room(server)
        wal, texts = server.data / "banter.db-wal", []
        for death in range(3):
            socket, _ = people.enter(server, room.a, room.conversation)
            texts.append(f"early {death}")
            socket.say(texts[-1], texts[-1])
            assert {socket.json()["type"], socket.json()["type"]} == {"message", "ack"}
            until(lambda: wal.stat().st_size >= wal_mib * MIB, "the log has blocks ahead")
            texts.append(f"late {death}")
            socket.say(texts[-1], texts[-1])
            assert {socket.json()["type"], socket.json()["type"]} == {"message", "ack"}
            server.kill()
            server.start()
            assert [message["text"] for message in room.history("?limit=50")["messages"]] == texts
