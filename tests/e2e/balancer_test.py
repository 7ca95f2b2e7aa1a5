"""Three nodes behind the balancers whose configurations the project ships."""
import concurrent.futures
import signal

import pytest

import people
from crowd import Crowd
from http_client import call, request
from nodes import Deployment
from servers.balancers import HaProxy, Nginx
from waiting import until

pytestmark = pytest.mark.nodes
TRUST = ("--trusted-proxies", "127.0.0.1")
# What a client may hear while a node goes: nothing, or the balancer's own word.
AWAY = (None, 502, 503, 504)


@pytest.fixture(name="three")
def three_nodes():
    """Three nodes that believe their balancer."""
    with Deployment(3, *TRUST) as deployment:
        yield deployment


@pytest.fixture(name="balancer", params=[HaProxy, Nginx])
def balancer_before(request, three):
    """Each balancer in turn."""
    with request.param(three.nodes) as balancer:
        yield balancer


def test_pages_requests_and_sockets_go_through(balancer):
    assert "<title>" in call(balancer, "GET", "/").text
    a, b = people.sign_up(balancer), people.sign_up(balancer)
    conversation = people.create_conversation(balancer, a, b)
    speaker, listener = (people.enter(balancer, who, conversation)[0] for who in (a, b))
    speaker.say("hello")
    assert listener.json()["message"]["text"] == "hello"
    assert people.history(balancer, b, conversation)["messages"][0]["text"] == "hello"


def test_every_node_has_a_share(three, balancer):
    def asked(node):
        return 'view="chat.views.HealthView"' in call(node, "GET", "/metrics").text
    def all_asked():
        call(balancer, "GET", "/healthz")
        return all(asked(node) for node in three.nodes)
    until(all_asked, "every node has been asked", 10)


def test_figures_are_not_for_everybody(balancer):
    assert call(balancer, "GET", "/metrics").status == 403


@pytest.mark.parametrize("kind", [HaProxy, Nginx])
def test_rates_count_the_clients_own_address_whatever_it_claims(kind):
    with Deployment(2, *TRUST, "--throttle", "anon=off,user=off", limits=True) as two, \
            kind([*two.nodes, two.nodes[0]]) as balancer:
        def sign_up(number):
            body = {"first_name": "E", "last_name": "U", "email": f"u{number}@example.com",
                    "password": people.PASSWORD}
            return call(balancer, "POST", "/api/users/signup", body,
                        headers=[("X-Forwarded-For", f"192.0.2.{number}")]).status
        assert sorted(map(sign_up, range(4))) == [201, 201, 429, 429]


def test_a_node_that_is_killed_under_load_costs_a_reconnect_and_no_message(three, balancer):
    crowd = Crowd([balancer], writers=4, readers=3, away=AWAY)
    crowd.await_acks(200)
    three.nodes[1].kill()
    crowd.await_acks(200)
    crowd.finish()


def test_nodes_restarted_in_turn_under_load_cost_no_message(three, balancer):
    crowd = Crowd([balancer], writers=4, readers=3, away=AWAY)
    for node in three.nodes:
        crowd.await_acks(100)
        node.stop()
        crowd.await_acks(50)
        node.start()
    crowd.finish()


def test_a_node_that_stops_fails_nobodys_request(three):
    with HaProxy(three.nodes) as balancer:
        a = people.sign_up(balancer)
        conversation = people.create_conversation(balancer, a)
        stopped = []

        def ask(_):
            got = request(balancer, "GET", f"/api/chat/conversations/{conversation}/history",
                          [("Authorization", f"Bearer {a.token}")])
            if len(stopped) == 0:
                stopped.append(three.nodes[2].signal(signal.SIGTERM))
            return got.status
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            assert set(pool.map(ask, range(400))) == {200}
        assert three.nodes[2].wait() == 0
