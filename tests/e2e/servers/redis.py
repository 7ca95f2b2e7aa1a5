"""Real Redis servers of the test's own: a single one, and a cluster of 3 masters and 3 replicas."""
import shutil
import subprocess

from servers.child import Child
from servers.ports import free_port
from waiting import until


def _program(name):
    found = shutil.which(name)
    assert found, f"{name} is not installed: bash tools/deps.sh install test"
    return found


class RedisServer(Child):
    """Forgets everything when it ends. `conf`: a file of further settings, read first."""

    def __init__(self, *settings, port=None, conf=None):
        super().__init__("redis")
        self.port = port or free_port(also=(10000,))
        self.conf = [conf] if conf else []
        self.settings = settings
        self.start()

    def start(self):
        """Starts, empty, on the same port."""
        self.spawn(_program("redis-server"), *self.conf, "--port", self.port, "--bind",
                   "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self.folder,
                   *self.settings)
        # That it wants a password is an answer too.
        self.wait_ready(lambda: "PONG" in self._ping() or "NOAUTH" in self._ping(),
                        "Redis answers")
        return self

    def _ping(self):
        return self.command("PING", check=False)

    def command(self, *words, check=True):
        """What redis-cli prints."""
        done = subprocess.run([_program("redis-cli"), "-p", str(self.port), *map(str, words)],
                              capture_output=True, text=True, timeout=20, check=False)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def url(self):
        """redis://…"""
        return f"redis://127.0.0.1:{self.port}"


class RedisCluster:
    """Six servers; `url` names two of them as seeds."""

    def __init__(self):
        self.nodes = [RedisServer("--cluster-enabled", "yes", "--cluster-node-timeout", "2000",
                                  "--cluster-config-file", "nodes.conf") for _ in range(6)]
        addresses = [f"127.0.0.1:{node.port}" for node in self.nodes]
        done = subprocess.run(
            [_program("redis-cli"), "--cluster", "create", *addresses, "--cluster-replicas", "1",
             "--cluster-yes"], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        until(self.whole, "the cluster is whole", 30)

    def whole(self):
        """Whether every running node thinks so."""
        return all("cluster_state:ok" in node.command("CLUSTER", "INFO", check=False)
                   for node in self.nodes if node.running())

    def masters(self):
        """The running nodes that are masters now."""
        return [node for node in self.nodes if node.running()
                and "role:master" in node.command("INFO", "replication", check=False)]

    @property
    def url(self):
        """redis://…"""
        return f"redis://127.0.0.1:{self.nodes[0].port},127.0.0.1:{self.nodes[1].port}"

    def close(self):
        """Ends all of them."""
        for node in self.nodes:
            node.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
