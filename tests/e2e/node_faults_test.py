"""Parts of a deployment fail under load: nothing acknowledged is lost, doubled or moved, and when
the fault ends everything goes on by itself."""
import json
import time

import pytest

import people
from banter_process import Banter
from crowd import Crowd
from http_client import call
from nodes import Deployment, ends_with_2
from servers.postgres import PostgresServer
from servers.ports import free_port
from servers.redis import RedisCluster, RedisServer
from servers.tcp_proxy import TcpProxy
from waiting import FACTOR, until

pytestmark = pytest.mark.nodes

# While parts are down: no connection, no store (503), or no way to tell a member (403 is never an
# accident: it would mean that a failure was taken for an answer).
AWAY = (None, 503)


@pytest.fixture(name="postgres")
def own_postgres():
    """A PostgreSQL that the test may break."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(name="redis")
def own_redis():
    """A Redis that the test may break."""
    with RedisServer() as server:
        yield server


def crowd_of(deployment, **named):
    return Crowd(deployment.nodes, writers=4, readers=2, away=AWAY, **named)


def test_a_node_killed_again_and_again_takes_nothing_with_it():
    with Deployment(3) as three:
        crowd = crowd_of(three)
        for round_ in range(4):
            crowd.await_acks(60)
            victim = three.nodes[round_ % 3]
            victim.kill()
            crowd.await_acks(60)
            victim.start()
        assert crowd.finish() >= 480


def test_postgres_killed_and_restarted_under_load(postgres):
    with Deployment(2, postgres=postgres) as two:
        crowd = crowd_of(two)
        for _ in range(3):
            crowd.await_acks(60)
            postgres.kill()
            postgres.start()
            crowd.await_acks(60, seconds=30)
        crowd.finish()


def test_postgres_frozen_for_a_while(postgres):
    with Deployment(2, postgres=postgres) as two:
        crowd = crowd_of(two)
        crowd.await_acks(60)
        socket = people.enter(two.nodes[0], crowd.people[0], crowd.conversation)[0]
        postgres.pause()
        try:
            socket.say("into the void", "void-1")
            error = socket.until(lambda frame: frame["type"] == "error", timeout=10)[-1]
            assert error["code"] == "unavailable" and error["client_id"] == "void-1"
            assert error["retry_after"] >= 1
            assert call(two.nodes[0], "GET", "/readyz").status == 503
            assert call(two.nodes[0], "GET", "/livez").status == 200
        finally:
            postgres.resume()
        until(lambda: call(two.nodes[0], "GET", "/readyz").status == 200, "ready again", 10)
        socket.say("into the void", "void-1")
        ack = socket.until(lambda frame: frame["type"] == "ack", timeout=10)[-1]
        assert ack["client_id"] == "void-1"
        crowd.await_acks(60)
        for client in crowd.clients:
            client.stopping.set()


def test_while_postgres_is_away_sockets_stay_and_nothing_is_read_without_it(postgres):
    with Deployment(1, postgres=postgres) as one:
        node = one.nodes[0]
        a = people.sign_up(node)
        conversation = people.create_conversation(node, a)
        socket = people.enter(node, a, conversation)[0]
        postgres.stop()
        until(lambda: call(node, "GET", "/readyz").status == 503, "the node has noticed", 10)
        for method, path, body in (
                ("GET", "/api/chat/conversations/list", None),
                ("GET", f"/api/chat/conversations/{conversation}/history", None),
                ("POST", "/api/chat/conversations", {}),
                ("POST", "/api/users/login", {"email": a.email, "password": people.PASSWORD})):
            answer = call(node, method, path, body, token=a.token)
            assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1, (path, answer)
        socket.say("now?", "c1")
        assert socket.json(timeout=10)["code"] == "unavailable"
        postgres.start()
        until(lambda: call(node, "GET", "/readyz").status == 200, "ready again", 10)
        socket.say("now?", "c1")
        frames = socket.until(lambda frame: frame["type"] == "ack")
        assert [frame["type"] for frame in frames] == ["message", "ack"]


def stop_and_start(redis):
    redis.kill()
    redis.start()


def freeze(redis):
    redis.pause()
    begun = time.monotonic()
    until(lambda: time.monotonic() - begun > 2, "two seconds of silence")
    redis.resume()


def kill_clients(redis):
    for kind in ("pubsub", "normal"):
        redis.command("CLIENT", "KILL", "TYPE", kind)


@pytest.mark.parametrize("harm", [stop_and_start, freeze, kill_clients,
                                  lambda redis: redis.command("FLUSHALL"),
                                  lambda redis: redis.command("SCRIPT", "FLUSH")],
                         ids=["restarted empty", "frozen", "connections killed", "flushed",
                              "scripts flushed"])
def test_redis_may_lose_everything(redis, harm):
    with Deployment(2, redis=redis.url) as two:
        crowd = crowd_of(two)
        for _ in range(2):
            crowd.await_acks(60)
            harm(redis)
            assert call(two.nodes[0], "GET", "/readyz").status == 200
            crowd.await_acks(60)
        crowd.finish()


def test_while_redis_is_away_everything_works_and_nodes_hear_within_two_seconds(redis):
    with Deployment(2, redis=redis.url, limits=True) as two:
        first, second = two.nodes
        a = people.sign_up(first)
        conversation = people.create_conversation(first, a)
        speaker = people.enter(first, a, conversation)[0]
        listener = people.enter(second, a, conversation)[0]
        redis.kill()
        begun = time.monotonic()
        speaker.say("hello", "c1")
        speaker.until(lambda frame: frame["type"] == "ack")
        assert time.monotonic() - begun < 1 * FACTOR, "an ack waits for no Redis"
        assert listener.json()["message"]["text"] == "hello"
        assert time.monotonic() - begun < 3 * FACTOR
        assert people.history(second, a, conversation)["messages"][0]["text"] == "hello"
        assert call(second, "GET", "/readyz").status == 200
        two.nodes[1].admin("user", "deactivate", a.email)
        begun = time.monotonic()
        assert speaker.close_code() == 4003
        assert time.monotonic() - begun < 2 * FACTOR


def test_a_cluster_loses_a_master_under_load():
    with RedisCluster() as cluster, Deployment(2, redis=cluster.url) as two:
        crowd = crowd_of(two)
        crowd.await_acks(60)
        cluster.masters()[0].kill()
        crowd.await_acks(60)
        until(cluster.whole, "a replica has taken over", 30)
        crowd.await_acks(60)
        crowd.finish()


@pytest.mark.parametrize("part", ["postgres", "redis"])
def test_cut_swallowed_and_slow_connections(postgres, redis, part):
    target = postgres.port if part == "postgres" else redis.port
    with TcpProxy(target) as proxy:
        urls = {"database": postgres.database(), "redis": redis.url}
        name = "database" if part == "postgres" else "redis"
        urls[name] = urls[name].replace(f":{target}", f":{proxy.port}")
        nodes = [Banter(None, **urls) for _ in range(2)]
        try:
            crowd = Crowd(nodes, writers=4, readers=2, away=AWAY)
            for harm in (proxy.cut, proxy.cut):
                crowd.await_acks(60)
                harm()
            crowd.await_acks(60)
            proxy.swallow()
            if part == "redis":
                crowd.await_acks(60)
            else:
                until(lambda: call(nodes[0], "GET", "/readyz").status == 503, "noticed", 10)
            proxy.forward()
            crowd.await_acks(60)
            proxy.delay = 0.02
            crowd.await_acks(60)
            proxy.delay = 0
            crowd.finish()
        finally:
            for node in nodes:
                node.close()


# ------------------------------------------------------------ at the start


def test_a_node_started_before_its_database_waits_for_it(postgres):
    url = postgres.database()
    postgres.stop()
    node = Banter(None, database=url, start=False)
    try:
        node.start(ready=False)
        assert call(node, "GET", "/livez").status == 200
        assert call(node, "GET", "/readyz").status == 503
        postgres.start()
        until(lambda: call(node, "GET", "/readyz").status == 200, "the node is ready", 10)
        people.sign_up(node)
        waiting = [line for line in node.lines if "store_unreachable" in line]
        assert len(waiting) == 1, "said once, not at every try"
    finally:
        node.close()


def test_a_wrong_database_is_a_clear_message(postgres):
    log = ends_with_2(database=postgres.url_of("nowhere"))
    assert "nowhere" in log and "does not exist" in log


def test_a_role_that_may_not_log_in_is_a_clear_message(postgres):
    log = ends_with_2(database=postgres.url_of("postgres", user="nobody"))
    assert "nobody" in log


def test_a_newer_schema_is_a_clear_message(postgres):
    url = postgres.database()
    with Banter(None, database=url):
        pass
    name = url.rsplit("/", 1)[1]
    postgres.query("INSERT INTO banter.migrations (number, name) VALUES (999, 'of tomorrow')", name)
    with Banter(None, database=url):
        pass  # whose programs this one may still work beside
    postgres.query("UPDATE banter.meta SET value = '999' WHERE key = 'compatible_from'", name)
    assert "newer" in ends_with_2(database=url)


def test_a_redis_that_is_away_at_the_start_stops_nothing():
    url = f"redis://127.0.0.1:{free_port()}"
    with Deployment(1, redis=url) as one:
        a = people.sign_up(one.nodes[0])
        conversation = people.create_conversation(one.nodes[0], a)
        socket = people.enter(one.nodes[0], a, conversation)[0]
        socket.say("hello", "c1")
        assert [socket.json()["type"] for _ in range(2)] == ["message", "ack"]


def test_garbage_in_redis_harms_nobody(redis):
    with Deployment(2, redis=redis.url) as two:
        first, second = two.nodes
        a = people.sign_up(first)
        conversation = people.create_conversation(first, a)
        speaker = people.enter(first, a, conversation)[0]
        for number in range(5):
            speaker.say(f"m{number}")
        speaker.until(lambda frame: frame["message"]["id"] == 5)
        listener = people.enter(second, a, conversation)[0]
        for key in redis.command("KEYS", "*").split():
            redis.command("DEL", key)
            redis.command("ZADD", key, "3", "garbage", "7", "\x01\x02\x03")
        for channel in redis.command("PUBSUB", "SHARDCHANNELS").split():
            redis.command("SPUBLISH", channel, json.dumps({"not": "ours"}))
        speaker.say("m5")
        assert listener.json()["message"] == speaker.json()["message"]
        history = people.history(second, a, conversation)["messages"]
        assert [message["text"] for message in history] == [f"m{number}" for number in range(6)]
