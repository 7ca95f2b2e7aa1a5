"""Running the servers under measurement and the generator against them."""
import json
import resource
import socket
import statistics
import subprocess

from measuring.machine import BOUND, LOAD_CORE, SERVER_CORE, WSLOAD, pinned
from banter_process import Banter
from waiting import until


def banter(data, *options, core=SERVER_CORE, reactors=1):
    """A server with its limits lifted, pinned to a core (None: not pinned)."""
    wrap = pinned(core) if core is not None else ()
    return Banter(data, "--reactors", str(reactors), *options, wrap=wrap)


class Bound:
    """The floor, pinned like the server."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(pinned(SERVER_CORE, BOUND, self.port, "coalesce"))
        until(self._listens, "bound listens")

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def _more_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def wsload(server, *options, core=LOAD_CORE):
    """One run of the generator: its line of JSON. `server` has a port and a process."""
    words = [WSLOAD, "--port", server.port, "--server-pid", server.process.pid, *options]
    command = pinned(core, *words) if core is not None else [str(word) for word in words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                          preexec_fn=_more_descriptors)
    if done.returncode == 2:
        raise SystemExit(f"wsload refused: {' '.join(command)}")
    result = json.loads(done.stdout)
    result["clean"] = done.returncode == 0
    return result


def median(results, field):
    """The median of one field of several runs."""
    return statistics.median(result[field] for result in results)
