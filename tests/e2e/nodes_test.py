"""Several nodes on one PostgreSQL and Redis: any client on any node sees one and the same."""
import concurrent.futures
import time

import pytest

import people
from crowd import Crowd
from http_client import call
from nodes import Deployment
from waiting import FACTOR, until
from ws_client import WebSocket

pytestmark = pytest.mark.nodes


@pytest.fixture(name="three")
def three_nodes():
    """Three nodes."""
    with Deployment(3) as deployment:
        yield deployment


@pytest.fixture(name="pair")
def pair_of_people(three):
    """Two people in one conversation, as (deployment, a, b, conversation)."""
    first = three.nodes[0]
    a, b = people.sign_up(first), people.sign_up(first)
    return three, a, b, people.create_conversation(first, a, b)


def test_what_is_said_on_one_node_is_heard_on_all_at_once(pair):
    three, a, b, conversation = pair
    sockets = [people.enter(node, b, conversation)[0] for node in three.nodes]
    speaker = people.enter(three.nodes[0], a, conversation)[0]
    begun = time.monotonic()
    speaker.say("hello")
    heard = [socket.json()["message"] for socket in sockets]
    assert time.monotonic() - begun < 0.5 * FACTOR, "that was the poll, not the relay"
    assert [message["id"] for message in heard] == [1, 1, 1]
    assert heard[0] == heard[1] == heard[2]
    for node in three.nodes:
        assert people.history(node, a, conversation)["messages"] == heard[:1]


def test_writers_on_all_nodes_make_one_log_that_everybody_sees(three):
    crowd = Crowd(three.nodes, writers=6, readers=3)
    crowd.await_acks(300)
    assert crowd.finish() >= 300


def test_one_client_id_on_three_nodes_at_once_is_one_message(pair):
    three, a, _, conversation = pair
    sockets = [people.enter(node, a, conversation, "&since=latest")[0] for node in three.nodes]
    for round_ in range(20):
        for socket in sockets:
            socket.say(f"m{round_}", f"c{round_}")
        acks = [socket.until(lambda frame: frame["type"] == "ack")[-1] for socket in sockets]
        assert acks[0] == acks[1] == acks[2] and acks[0]["id"] == round_ + 1
    messages = people.history(three.nodes[0], a, conversation)["messages"]
    texts = [message["text"] for message in messages]
    assert texts == [f"m{round_}" for round_ in range(20)]


def test_the_same_client_id_with_another_body_is_a_conflict_on_another_node(pair):
    three, a, _, conversation = pair
    first, second = (people.enter(node, a, conversation)[0] for node in three.nodes[:2])
    first.say("one", "c")
    first.until(lambda frame: frame["type"] == "ack")
    second.say("two", "c")
    assert second.until(lambda frame: frame["type"] == "error")[-1]["code"] == "conflict"


def test_resuming_on_another_node_has_no_gap(pair):
    three, a, b, conversation = pair
    speaker = people.enter(three.nodes[0], a, conversation)[0]
    listener, frame = people.enter(three.nodes[1], b, conversation, "&since=latest")
    speaker.say("1")
    assert listener.json()["message"]["id"] == 1
    listener.close()
    for number in range(2, 6):
        speaker.say(str(number))
    speaker.until(lambda frame: frame["message"]["id"] == 5)
    _, resumed = people.enter(three.nodes[2], b, conversation, f"&since=1&epoch={frame['epoch']}")
    assert [message["id"] for message in resumed["messages"]] == [2, 3, 4, 5]
    assert resumed["reset"] is False


@pytest.mark.parametrize("verb, code", [("deactivate", 4003), ("delete", 4003)])
def test_an_account_that_ends_loses_its_sockets_on_every_node_within_two_seconds(pair, verb, code):
    three, _, b, conversation = pair
    sockets = [people.enter(node, b, conversation)[0] for node in three.nodes]
    begun = time.monotonic()
    three.nodes[0].admin("user", verb, b.email)
    for socket in sockets:
        assert socket.close_code() == code
    assert time.monotonic() - begun < 2 * FACTOR
    for node in three.nodes:
        assert WebSocket(node, f"/ws/chat/{conversation}/?token={b.token}").status == 403


def test_a_removed_member_loses_the_socket_on_every_node_within_two_seconds(pair):
    three, _, b, conversation = pair
    sockets = [people.enter(node, b, conversation)[0] for node in three.nodes]
    begun = time.monotonic()
    three.nodes[0].admin("conversation", "members", conversation, "remove", b.email)
    for socket in sockets:
        assert socket.close_code() == 4011
    assert time.monotonic() - begun < 2 * FACTOR


def test_commands_reach_the_database_where_no_node_runs_and_nodes_hear_of_it(pair, folder):
    three, _, b, conversation = pair
    socket = people.enter(three.nodes[1], b, conversation)[0]
    begun = time.monotonic()
    three.nodes[0].admin("user", "deactivate", b.email, "--data", str(folder / "elsewhere"))
    assert socket.close_code() == 4003
    assert time.monotonic() - begun < 3 * FACTOR


def test_the_message_rate_counts_over_all_nodes():
    with Deployment(3, "--throttle", "off", limits=True) as three:
        first = three.nodes[0]
        a = people.sign_up(first)
        conversation = people.create_conversation(first, a)
        sockets = [people.enter(node, a, conversation)[0] for node in three.nodes]
        for number in range(5):
            sockets[number % 3].say(f"m{number}")
        for socket in sockets:
            for _ in range(5):
                assert socket.json()["type"] == "message"
        for socket in sockets:
            socket.say("too much")
            assert socket.json()["type"] == "rate_limited"


def test_of_many_parallel_sign_ups_on_all_nodes_two_pass():
    with Deployment(3, limits=True) as three:
        def sign_up(number):
            return call(three.nodes[number % 3], "POST", "/api/users/signup",
                        {"first_name": "E", "last_name": "User", "email": f"t{number}@example.com",
                         "password": people.PASSWORD}).status
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            assert sorted(pool.map(sign_up, range(12))) == [201] * 2 + [429] * 10


def test_a_node_that_leaves_and_a_node_that_comes_change_nothing(three):
    crowd = Crowd(three.nodes, writers=4, readers=2)
    crowd.await_acks(50)
    three.nodes[0].stop()
    crowd.await_acks(50)
    three.nodes[0].start()
    crowd.servers.append(three.add())
    crowd.await_acks(50)
    crowd.finish()


def test_without_redis_nodes_hear_of_each_other_within_two_seconds():
    with Deployment(2, redis=None) as two:
        first, second = two.nodes
        a = people.sign_up(first)
        conversation = people.create_conversation(first, a)
        speaker = people.enter(first, a, conversation)[0]
        listener = people.enter(second, a, conversation)[0]
        for number in range(3):
            begun = time.monotonic()
            speaker.say(f"m{number}")
            assert listener.json()["message"]["id"] == number + 1
            assert time.monotonic() - begun < 2 * FACTOR


def test_another_signing_key_is_refused_and_a_rotated_one_is_not(three):
    other = three.add(secret="another-secret", start=False)
    assert_refused(other, "key")
    rotated = three.add(secret="a-new-secret", start=False,
                        environment={"BANTER_SECRET_KEY_PREVIOUS": three.nodes[0].secret})
    rotated.start()
    a = people.sign_up(three.nodes[0])
    answer = call(rotated, "GET", "/api/chat/conversations/list", token=a.token)
    assert answer.status == 200


def assert_refused(node, word):
    """It ends with 2 and says why."""
    try:
        node.start(ready=False)
    except AssertionError:
        pass  # it ended before it listened
    until(lambda: not node.running(), "the node ends")
    assert node.wait() == 2, node.log()
    assert word in node.log()
