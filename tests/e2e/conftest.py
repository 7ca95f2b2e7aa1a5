"""Fixtures: a server, and two people in one conversation of it."""
import pathlib
import tempfile

import pytest

from banter_process import Banter
from room import make_room


@pytest.fixture
def start():
    """Starts servers that end with the test: start(*options, limits=…, secret=…, data=…)."""
    servers = []

    def begin(*options, data=None, **named):
        server = Banter(data, *options, **named)
        servers.append(server)
        return server

    yield begin
    for server in reversed(servers):
        server.close()


@pytest.fixture
def server(start):
    """A server on an empty store, with no throttles and no limit on messages."""
    return start()


@pytest.fixture
def room(server):
    """A conversation of two new people on a server of its own."""
    made = make_room(server)
    yield made
    for socket in made.sockets:
        socket.close()


@pytest.fixture
def folder(tmp_path) -> pathlib.Path:
    """An empty directory of the test's own."""
    return tmp_path


@pytest.fixture
def chaos_folder():
    """For `banter verify --local`, with a temporary directory that whoever it starts may use.

    Short: a socket's path has 107 characters at most.
    """
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        path = pathlib.Path(name)
        path.chmod(0o755)  # PostgreSQL runs as a user of its own
        (path / "tmp").mkdir(mode=0o1777)
        (path / "tmp").chmod(0o1777)
        yield path
