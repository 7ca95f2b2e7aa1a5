"""Fixtures for the pages: browser windows that must not have complained when the test ends."""
import pathlib

import pytest

from banter_process import Banter
from window import Window

WORLD = pathlib.Path(__file__).with_name("scripted_world.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def idle_windows():
    """Browsers that wait for a test: starting one takes seconds, and a server's port makes every
    test's pages an origin of their own."""
    idle = []
    yield idle
    for one in idle:
        one.quit()


@pytest.fixture
def window(server, idle_windows):
    """Opens windows: window(size=…, url=…). After the test none may have a console error."""
    opened = []

    def begin(url=server.url, **named):
        made = idle_windows.pop() if idle_windows else Window()
        opened.append(made)
        made.begin(url, **named)
        return made

    yield begin
    complaints = []
    for made in opened:
        complaints += made.end()
        idle_windows.append(made)
    assert complaints == []


@pytest.fixture(scope="session")
def page():
    """A page from which the modules can be imported."""
    with Banter() as server:
        window = Window(server.url)
        try:
            window.open("/wsdemo/")
            yield window
        finally:
            window.quit()


@pytest.fixture
def play(page):
    """play(script): runs it with `world` at hand and returns what it returns."""

    def run(script):
        answer = page.driver.execute_async_script(
            f"const done = arguments[0]; (async () => {{ {WORLD} }})()"
            f".then(build => (async world => {{ {script} }})(build()))"
            ".then(value => done({value}), error => done({error: String(error.stack)}));")
        assert "error" not in answer, answer["error"]
        return answer["value"]

    return run
