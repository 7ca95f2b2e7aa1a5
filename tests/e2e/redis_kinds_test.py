"""The ways in which a Redis is reached: behind sentinels, through TLS with rights of its own, as a
cluster whose slots move. And the ways in which it is not."""
import json
import re

import pytest

import people
from banter_process import ROOT, Banter
from crowd import Crowd
from http_client import call
from nodes import Deployment, ends_with_2
from servers import shared
from servers.redis import RedisCluster, RedisServer, TlsRedis, WatchedRedis
from waiting import until

pytestmark = pytest.mark.nodes

# What docs/nodes.md gives a role of Banter's own.
RIGHTS = re.search(r"^ACL SETUSER banter on (.*)$",
                   (ROOT / "docs" / "nodes.md").read_text(encoding="utf-8"),
                   re.MULTILINE).group(1).replace("PASSWORD", "of-the-test").split()


def metric(node, name):
    """The value of a metric of one node."""
    for line in call(node, "GET", "/metrics").text.splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no {name}")


def redis_is_up(deployment):
    until(lambda: all(metric(node, "banter_relay_up") == 1 for node in deployment.nodes),
          "every node uses Redis", 20)


def news_travels_through_redis(two):
    """What is said on one node is heard on the other, and Redis brought it."""
    redis_is_up(two)
    first, second = two.nodes
    a = people.sign_up(first)
    conversation = people.create_conversation(first, a)
    listener = people.enter(second, a, conversation)[0]
    speaker = people.enter(first, a, conversation)[0]
    speaker.say("hello")
    assert listener.json()["message"]["text"] == "hello"
    until(lambda: metric(second, "banter_relay_events_in_total") > 0, "it came through Redis")
    for node in two.nodes:
        assert metric(node, "banter_relay_dropped_total") == 0
        assert metric(node, "banter_relay_throttle_fallbacks_total") == 0


def test_a_sentinel_fails_over_under_load():
    with WatchedRedis() as redis, Deployment(2, redis=redis.url) as two:
        redis_is_up(two)
        crowd = Crowd(two.nodes, writers=4, readers=2)
        crowd.await_acks(60)
        redis.master.kill()
        crowd.await_acks(60)
        until(redis.failed_over, "the replica is the master", 30)
        redis_is_up(two)
        crowd.await_acks(60)
        crowd.finish()
        assert redis.replica.command("PUBSUB", "SHARDCHANNELS").strip(), "nobody listens there"


def test_slots_of_a_cluster_move_under_load():
    with RedisCluster() as cluster, Deployment(2, redis=cluster.url) as two:
        redis_is_up(two)
        crowd = Crowd(two.nodes, writers=4, readers=2)
        crowd.await_acks(60)
        tag = f"{{p:{crowd.conversation % 256}}}"
        slot = int(cluster.nodes[0].command("CLUSTER", "KEYSLOT", tag))
        assert any(tag in node.command("KEYS", "*") for node in cluster.masters()), "no such keys"
        for _ in range(3):
            cluster.move_slot(slot, between=lambda: crowd.await_acks(60))
            crowd.await_acks(60)
        crowd.finish()
        assert sum(metric(node, "banter_relay_moved_total") for node in two.nodes) > 0
        redis_is_up(two)


def test_tls_and_rights_of_its_own():
    with TlsRedis("--user", "default", "off", "--user", "banter", "on", *RIGHTS) as redis:
        url = redis.url.replace("//", "//banter:of-the-test@")
        with Deployment(2, redis=url, limits=True) as two:
            news_travels_through_redis(two)


def test_the_smallest_rights_are_enough_in_a_cluster():
    with RedisCluster() as cluster:
        for node in cluster.nodes:
            node.command("ACL", "SETUSER", "banter", "on", *RIGHTS)
        url = cluster.url.replace("//", "//banter:of-the-test@")
        with Deployment(2, redis=url, limits=True) as two:
            news_travels_through_redis(two)


@pytest.mark.parametrize("login, reason", [("banter:wrong@", "WRONGPASS"), ("", "NOAUTH")])
def test_a_login_that_redis_refuses_is_a_clear_message(login, reason):
    with RedisServer("--requirepass", "right") as redis:
        log = ends_with_2(database=shared.postgres().database(),
                          redis=redis.url.replace("//", f"//{login}"))
        assert reason in log and "--redis" in log
        assert "wrong" not in log.replace("WRONGPASS invalid", ""), "the password is in the log"


def test_a_password_that_changes_later_ends_nothing():
    with RedisServer() as redis, Deployment(1, redis=redis.url) as one:
        redis_is_up(one)
        redis.command("CONFIG", "SET", "requirepass", "new")
        redis.client = ("-a", "new", "--no-auth-warning")
        redis.command("CLIENT", "KILL", "TYPE", "normal")
        until(lambda: metric(one.nodes[0], "banter_relay_up") == 0, "the node has noticed", 10)
        assert call(one.nodes[0], "GET", "/readyz").status == 200
        redis.command("CONFIG", "SET", "requirepass", "")
        redis_is_up(one)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted():
    with TlsRedis() as redis:
        url = redis.url.partition("?")[0]
        node = Banter(None, database=shared.postgres().database(), redis=url)
        try:
            down = until(lambda: [line for line in node.lines if "relay_down" in line],
                         "the node says why", 10)
            assert "TLS" in down[0] and "certificate" in down[0]
            a = people.sign_up(node)
            conversation = people.create_conversation(node, a)
            socket = people.enter(node, a, conversation)[0]
            socket.say("hello", "c1")
            assert [socket.json()["type"] for _ in range(2)] == ["message", "ack"]
            assert json.loads(call(node, "GET", "/readyz").text)
            assert metric(node, "banter_relay_up") == 0
        finally:
            node.close()
