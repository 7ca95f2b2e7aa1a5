"""Every recorded case is a case here. The replays share state and run in order, so each runs once;
the tests look up their outcome."""
import contextlib
import functools
import pathlib

import pytest

from banter_process import Banter
from contract.http_cases import HttpReplay, load
from contract.ws_cases import WsReplay
from nodes import Deployment
from servers import shared
from servers.balancers import HaProxy

HERE = pathlib.Path(__file__).resolve().parent / "contract"
HTTP, WS = load(HERE / "http.json"), load(HERE / "ws.json")


@contextlib.contextmanager
def embedded():
    """One node on the embedded store."""
    with Banter() as server:
        yield server, server


@contextlib.contextmanager
def on_postgres():
    """One node on PostgreSQL and Redis."""
    database, redis = shared.database_and_redis()
    with Banter(database=database, redis=redis) as server:
        yield server, server


@contextlib.contextmanager
def balanced():
    """Three nodes on PostgreSQL and Redis, behind HAProxy."""
    with Deployment(3, "--trusted-proxies", "127.0.0.1") as three, HaProxy(three.nodes) as front:
        front.address = f"{front.host}:{front.port}"
        yield front, three.nodes[0]


def everywhere(group, cases, private=()):
    """Each case in each deployment, as (deployment, *case). A deployment's cases share its state
    and stay in one worker. `private`: what a balancer keeps from the public."""
    return [pytest.param(deployment, *case, id=f"{deployment.__name__}: {name}",
                         marks=[pytest.mark.xdist_group(f"{group}-{deployment.__name__}"),
                                *([] if deployment is embedded else [pytest.mark.nodes])])
            for deployment in (embedded, on_postgres, balanced) for name, case in cases
            if not (deployment is balanced and name in private)]


HTTP_CASES = everywhere(
    "http", [(f"{index}: {case['name']}", (index,)) for index, case in enumerate(HTTP["cases"])
             if case["kind"] == "http"],
    [f"{index}: {case['name']}" for index, case in enumerate(HTTP["cases"])
     if case.get("group") == "metrics" and case["expect"]["status"] == [200]])
WS_CASES = everywhere(
    "ws", [(f"{kind}: {case['name']}", (kind, index)) for kind in ("handshake", "frames")
           for index, case in enumerate(WS[kind])
           if case["name"] != "raw high byte in query" and (kind == "handshake" or "send" in case)])


@functools.cache
def http_outcomes(deployment):
    """Problems by index."""
    with deployment() as (front, node):
        replay = HttpReplay(front, HTTP, lambda verb, email: node.admin("user", verb, email))
        return dict(replay.run())


@functools.cache
def ws_outcomes(deployment):
    """Problems by kind and index."""
    with deployment() as (front, _):
        return {(kind, index): problems for kind, index, problems in WsReplay(front, WS).run()}


@pytest.mark.parametrize("deployment, index", HTTP_CASES)
def test_http_answers_as_recorded(deployment, index):
    assert http_outcomes(deployment)[index] == []


@pytest.mark.parametrize("deployment, kind, index", WS_CASES)
def test_socket_behaves_as_recorded(deployment, kind, index):
    assert ws_outcomes(deployment)[kind, index] == []
