"""Every recorded case is a case here. The replays share state and run in order, so each runs once;
the tests look up their outcome."""
import pathlib

import pytest

from banter_process import Banter
from contract.http_cases import HttpReplay, load
from contract.ws_cases import WsReplay

HERE = pathlib.Path(__file__).resolve().parent / "contract"
HTTP, WS = load(HERE / "http.json"), load(HERE / "ws.json")
HTTP_CASES = [pytest.param(index, id=f"{index}: {case['name']}")
              for index, case in enumerate(HTTP["cases"]) if case["kind"] == "http"]
WS_CASES = [pytest.param(kind, index, id=f"{kind}: {case['name']}")
            for kind in ("handshake", "frames") for index, case in enumerate(WS[kind])
            if case["name"] != "raw high byte in query" and (kind == "handshake" or "send" in case)]


@pytest.fixture(scope="module")
def http_outcomes():
    """Problems by index."""
    with Banter() as server:
        replay = HttpReplay(server, HTTP, lambda verb, email: server.admin("user", verb, email))
        yield dict(replay.run())


@pytest.fixture(scope="module")
def ws_outcomes():
    """Problems by kind and index."""
    with Banter() as server:
        yield {(kind, index): problems for kind, index, problems in WsReplay(server, WS).run()}


@pytest.mark.xdist_group("contract-http")
@pytest.mark.parametrize("index", HTTP_CASES)
def test_http_answers_as_recorded(http_outcomes, index):
    assert http_outcomes[index] == []


@pytest.mark.xdist_group("contract-ws")
@pytest.mark.parametrize("kind, index", WS_CASES)
def test_socket_behaves_as_recorded(ws_outcomes, kind, index):
    assert ws_outcomes[kind, index] == []
