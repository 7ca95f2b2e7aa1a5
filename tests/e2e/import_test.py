"""`banter import-django`: from real stores of the replaced system into each store of ours."""
import json

import pytest

import people
from banter_process import DEV_SECRET, Banter, command
from django_world import PASSWORD, DjangoWorld, django_hash, entry
from http_client import call
from servers import shared
from servers.redis import RedisServer
from servers.tcp_proxy import TcpProxy
from ws_client import WebSocket


@pytest.fixture(name="old")
def old_world():
    """The replaced system's stores; Redis is a server of its own, because names of keys are."""
    with RedisServer() as redis:
        yield DjangoWorld(shared.postgres(), redis)


@pytest.fixture(name="target", params=["sqlite", "postgres"])
def target_store(request, folder):
    """Words that name a new store, for commands and for the server."""
    database = shared.postgres().database() if request.param == "postgres" else None
    return {"data": folder / "data", "database": database}


def run_import(old, target, *words, check=True):
    environment = {"BANTER_DATABASE": target["database"]} if target["database"] else {}
    return command("import-django", "--from", old.database, "--redis", old.redis, "--data",
                   target["data"], *words, environment=environment, check=check, seconds=60)


def imported(old, target):
    return json.loads(run_import(old, target, "--json").stdout)


def serve(target):
    return Banter(target["data"], database=target["database"])


def log_in(server, email, password=PASSWORD):
    return call(server, "POST", "/api/users/login", {"email": email, "password": password})


def history(server, user, conversation):
    person = people.Person(user, "", people.access_token(user))
    return [(m["id"], m["user_id"], m["text"], m["ts"])
            for m in people.history(server, person, conversation)["messages"]]


def test_everything_that_people_had_is_there(old, target):
    old.user(3)
    old.user(5, username="Ada@Example.com".lower(), email="")
    old.conversation(9, 3, 5)
    old.messages(9, entry(1, 3, ts=1_795_000_001), entry(2, 5, "h\u00e9 \U0001f600", 1_795_000_002),
                 counter=2)
    before = old.everything(), old.schema()
    report = imported(old, target)
    assert {name: report[name] for name in report if name != "problems"} == {
        "accounts_added": 2, "accounts_there": 0, "conversations_added": 1,
        "conversations_there": 0, "members_added": 2, "messages_added": 2, "messages_lost": 0}
    assert report["problems"] == {}
    assert (old.everything(), old.schema()) == before, "the source was changed"
    with serve(target) as server:
        assert history(server, 3, 9) == [(1, 3, "m1", 1_795_000_001),
                                         (2, 5, "h\u00e9 \U0001f600", 1_795_000_002)]
        # A token of before the move, under the same key, opens the socket.
        socket = WebSocket(server, f"/ws/chat/9/?token={people.access_token(5, DEV_SECRET)}")
        assert socket.status == 101 and len(socket.json()["messages"]) == 2
        socket.say("on")
        assert socket.json()["message"]["id"] == 3
        # The old password works, and the hash is ours from then on.
        assert log_in(server, "ada@example.com").status == 200
        assert log_in(server, "ada@example.com").status == 200
        assert log_in(server, "ada@example.com", "wrong").status == 400
        # New numbers are behind the old ones.
        assert people.sign_up(server).id > 5
        assert people.create_conversation(server, people.Person(3, "", people.access_token(3))) > 9


def test_a_refresh_token_of_before_the_move_works_after_it(old, target):
    old.user(1)
    imported(old, target)
    refresh = people.sign(people.claims(1, token_type="refresh"))
    with serve(target) as server:
        answer = call(server, "POST", "/api/users/token/refresh", {"refresh": refresh})
        assert answer.status == 200 and answer.json()["access"]


def test_a_log_begins_at_its_lowest_id_and_holes_are_lost_events(old, target):
    old.user(1)
    old.conversation(1, 1)
    old.messages(1, entry(6), entry(5), entry(9), counter=10)
    old.conversation(2, 1)
    old.messages(2, counter=40)
    old.conversation(3, 1)
    report = imported(old, target)
    assert (report["messages_added"], report["messages_lost"]) == (3, 3)
    with serve(target) as server:
        person = people.Person(1, "", people.access_token(1))
        page = people.history(server, person, 1, "?limit=200&after=0")
        assert [message["id"] for message in page["messages"]] == [5, 6, 9]
        assert page["head"] == 10
        for conversation, expected in ((1, 11), (2, 41), (3, 1)):
            socket, _ = people.enter(server, person, conversation, "&since=latest")
            socket.say("next", "c")
            assert socket.until(lambda frame: frame["type"] == "ack")[-1]["id"] == expected
        # Whoever resumes over the holes is told all seqs.
        _, frame = people.enter(server, person, 1, f"&since=5&epoch={page['epoch']}")
        assert (frame["from"], frame["to"]) == (6, 11)
        assert [message["id"] for message in frame["messages"]] == [6, 9, 11]


def test_a_second_run_adds_what_is_new_and_nothing_twice(old, target):
    old.user(1)
    old.conversation(1, 1)
    old.messages(1, entry(1), entry(2), counter=2)
    imported(old, target)
    again = imported(old, target)
    assert (again["accounts_added"], again["accounts_there"]) == (0, 1)
    assert (again["conversations_there"], again["members_added"]) == (1, 0)
    assert (again["messages_added"], again["messages_lost"]) == (0, 0)
    old.user(2)
    old.join(1, 2)
    old.messages(1, entry(3, 2), counter=3)
    third = imported(old, target)
    assert (third["accounts_added"], third["members_added"], third["messages_added"]) == (1, 1, 1)
    with serve(target) as server:
        assert [row[0] for row in history(server, 2, 1)] == [1, 2, 3]


def test_a_run_after_people_have_written_here_takes_no_number_twice(old, target):
    old.user(1)
    old.conversation(1, 1)
    old.messages(1, entry(1), counter=1)
    imported(old, target)
    with serve(target) as server:
        socket, _ = people.enter(server, people.Person(1, "", people.access_token(1)), 1,
                                 "&since=latest")
        socket.say("ours", "c")
        assert socket.until(lambda frame: frame["type"] == "ack")[-1]["id"] == 2
    old.messages(1, entry(2, text="theirs"), entry(3), counter=3)
    assert imported(old, target)["messages_added"] == 1
    with serve(target) as server:
        assert [row[2] for row in history(server, 1, 1)] == ["m1", "ours", "m3"]
        socket, _ = people.enter(server, people.Person(1, "", people.access_token(1)), 1,
                                 "&since=latest")
        socket.say("ours", "c")
        assert socket.until(lambda frame: frame["type"] == "ack")[-1]["id"] == 2, "still deduped"


def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(old, target):
    old.user(1)
    old.user(2, username="admin", email="")
    old.user(3, username="robot", email="USER1@example.com")
    old.user(4, password="argon2$argon2id$v=19$m=102400")
    old.user(5, staff=True)
    old.user(6, active=False)
    old.conversation(1, 1, 2, 4)
    old.messages(1, entry(1), "garbage", '{"id": 2}', entry(1, text="again"), entry(3, 2),
                 counter=3)
    old.messages(77, entry(1), counter=1)
    report = imported(old, target)
    problems = {what.split(":")[0]: told for what, told in report["problems"].items()}
    assert {what: told["count"] for what, told in problems.items()} == {
        "accounts without an e-mail address, which nobody could log in to": 1,
        "accounts whose e-mail address is another one's": 1,
        "accounts whose password hash is of another kind": 1,
        "staff accounts": 1,
        "members whose account was not taken": 1,
        "entries in lists of messages that are none": 2,
        "messages under a number that another one has": 1,
        "lists of messages whose conversation the database does not have": 1}
    assert problems["staff accounts"]["examples"] == ["5 (user5@example.com)"]
    assert "garbage" not in json.dumps(report), "texts are nobody's business"
    with serve(target) as server:
        assert [row[2] for row in history(server, 1, 1)] == ["m1", "m3"]
        assert log_in(server, "user4@example.com").status == 400
        assert log_in(server, "user5@example.com").status == 200
        assert log_in(server, "user6@example.com").status == 400
    text = run_import(old, target).stdout
    assert "1 staff accounts" not in text, "told when they were taken"
    assert "2 entries in lists" in text


def test_a_store_that_has_others_under_these_numbers_keeps_them(old, target):
    with serve(target) as server:
        mine = people.sign_up(server)
        conversation = people.create_conversation(server, mine)
        socket = people.enter(server, mine, conversation)[0]
        socket.say("mine")
        assert socket.json()["message"]["text"] == "mine"
    old.user(mine.id)
    old.conversation(conversation, mine.id)
    old.messages(conversation, entry(1, mine.id), entry(2, mine.id), counter=2)
    report = imported(old, target)
    assert {what.split(":")[0] for what in report["problems"]} == {
        "accounts whose number is another one's here",
        "conversations whose number is another one's here"}
    with serve(target) as server:
        assert [row[2] for row in history(server, mine.id, conversation)] == ["mine"]


def test_large_lists_and_many_accounts(old, target):
    old.sql("INSERT INTO auth_user SELECT i, 'x', NULL, false, 'u' || i || '@example.com', '', '',"
            f" '', false, true, now() FROM generate_series(1, 2500) i;"
            f"UPDATE auth_user SET password = '{django_hash()}';"
            "INSERT INTO chat_conversation SELECT i, now() FROM generate_series(1, 1200) i;"
            "INSERT INTO chat_conversationmember (joined_at, conversation_id, user_id)"
            " SELECT now(), i, i FROM generate_series(1, 1200) i")
    for start in range(1, 3001, 500):
        old.messages(1, *[entry(number) for number in range(start, start + 500)])
    done = run_import(old, target, "--json")
    report = json.loads(done.stdout)
    assert (report["accounts_added"], report["conversations_added"]) == (2500, 1200)
    assert report["messages_added"] == 3000 and report["problems"] == {}
    assert "accounts: 2500 of 2500" in done.stderr
    assert "conversations: 1200 of 1200" in done.stderr


def test_a_running_server_is_in_the_way(old, target):
    with serve(target):
        refused = run_import(old, target, check=False)
        assert refused.returncode == 3
        assert "stop" in refused.stderr and "first" in refused.stderr


@pytest.mark.parametrize("words, status, said", [
    (["--from", "mysql://x"], 2, "--from: write postgres://"),
    (["--from", "postgres://127.0.0.1:1/x"], 3, "--from cannot be read"),
    (["--redis", "http://x"], 2, "--redis: "),
    (["--redis", "redis://127.0.0.1:1"], 3, "--redis cannot be read"),
])
def test_wrong_words_are_told(old, target, words, status, said):
    refused = run_import(old, target, *words, check=False)
    assert refused.returncode == status and said in refused.stderr, refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_of_something_else_is_refused(old, target):
    old.sql("DROP TABLE chat_conversationmember")
    refused = run_import(old, target, check=False)
    assert refused.returncode == 3 and "no table chat_conversationmember" in refused.stderr
    assert not (target["data"] / "banter.db").exists()


def test_broken_off_in_the_middle_it_goes_on_from_there(old, target):
    old.user(1)
    for number in range(1, 40):
        old.conversation(number, 1)
        old.messages(number, entry(1), counter=1)
    with TcpProxy(old.server.port) as proxy:
        through = DjangoWorld.__new__(DjangoWorld)
        through.database, through.redis = old.database, f"redis://127.0.0.1:{proxy.port}/1"
        proxy.refuse_after(4000)
        broken = run_import(through, target, check=False)
    assert broken.returncode == 3 and "goes on from there" in broken.stderr, broken.stderr
    report = imported(old, target)
    assert 0 < report["conversations_there"] < 39
    assert report["conversations_there"] + report["conversations_added"] == 39
    with serve(target) as server:
        assert all(len(history(server, 1, number)) == 1 for number in range(1, 40))
