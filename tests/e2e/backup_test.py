"""A backup while serving is whole; restoring it starts a new epoch, and clients are told."""
import sqlite3
import threading

import people
from banter_process import Banter, command
from http_client import call


def test_a_backup_while_serving_is_a_consistent_prefix_of_the_log(room, folder):
    stop, sent = threading.Event(), [0]

    def talk():
        a = room.join(room.a)
        while not stop.is_set():
            a.say(f"m{sent[0] + 1}")
            assert a.json(timeout=20)["type"] == "message"
            sent[0] += 1

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        files = []
        for number in range(3):
            files.append(folder / f"backup{number}.db")
            floor = sent[0]
            done = room.server.admin("backup", files[-1])
            assert "key" in (done.stdout + done.stderr)  # that the key is not in it
            assert files[-1].stat().st_mode & 0o077 == 0
            database = sqlite3.connect(f"file:{files[-1]}?mode=ro", uri=True)
            assert database.execute("pragma integrity_check").fetchone() == ("ok",)
            database.close()
            with restored(files[-1], folder / f"data{number}") as copy:
                log = people.history(copy, room.a, room.conversation, "?limit=200&after=0")
                ids = [message["id"] for message in log["messages"]]
                assert ids == list(range(1, len(ids) + 1))
                assert log["head"] >= min(floor, 200)
    finally:
        stop.set()
        talker.join()


def restored(file, data):
    """A server on a restored backup."""
    command("restore", file, "--data", data)
    return Banter(data)


def test_a_restored_store_has_a_new_epoch_and_resets_who_resumes(room, folder):
    a = room.join(room.a)
    for number in range(1, 4):
        a.say(f"m{number}")
        a.json()
    room.server.admin("backup", folder / "backup.db")
    a.say("after the backup")
    a.json()
    _, frame = room.enter(room.b, "&since=latest")
    epoch = frame["epoch"]
    with restored(folder / "backup.db", folder / "data") as copy:
        socket, frame = people.enter(copy, room.b, room.conversation, f"&since=4&epoch={epoch}")
        assert frame["reset"] is True and frame["epoch"] != epoch
        assert [message["text"] for message in frame["messages"]] == ["m1", "m2", "m3"]
        socket.close()
        again, frame = people.enter(copy, room.b, room.conversation,
                                    f"&since=3&epoch={frame['epoch']}")
        assert frame["reset"] is False and frame["messages"] == []
        again.close()


def test_accounts_and_conversations_come_back_with_a_backup(room, folder):
    room.server.admin("backup", folder / "backup.db")
    with restored(folder / "backup.db", folder / "data") as copy:
        assert people.log_in(copy, room.a.email).status == 200
        answer = call(copy, "GET", "/api/chat/conversations/list", token=room.a.token)
        assert answer.json() == {"conversations": [{"id": room.conversation}]}


def test_restore_overwrites_nothing_without_a_word(room, folder):
    room.server.admin("backup", folder / "backup.db")
    room.join(room.a).say("precious")
    serving = room.server.admin("restore", folder / "backup.db", check=False)
    assert serving.returncode != 0 and serving.stderr.strip()
    room.server.restart()
    assert [message["text"] for message in room.history()["messages"]] == ["precious"]


def test_a_file_that_is_no_backup_is_refused(folder):
    (folder / "nonsense.db").write_bytes(b"not a database" * 1000)
    done = command("restore", folder / "nonsense.db", "--data", folder / "data", check=False)
    assert done.returncode != 0 and done.stderr.strip()


def test_a_backup_does_not_overwrite_a_file(server, folder):
    (folder / "there.db").write_text("precious")
    done = server.admin("backup", folder / "there.db", check=False)
    assert done.returncode != 0
    assert (folder / "there.db").read_text() == "precious"
