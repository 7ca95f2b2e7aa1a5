"""Real Redis servers of the test's own: a single one, plain or with TLS, one that a sentinel
watches over, and a cluster of 3 masters and 3 replicas."""
import pathlib
import shutil
import subprocess
import tempfile

from servers.child import Child
from servers.ports import free_port
from waiting import until


def _program(name):
    found = shutil.which(name)
    assert found, f"{name} is not installed: bash tools/deps.sh install test"
    return found


class RedisServer(Child):
    """Forgets everything when it ends. `conf`: a file of further settings, read first."""

    client = ()  # further words of redis-cli

    def __init__(self, *settings, port=None, conf=None):
        super().__init__("redis")
        self.port = port or free_port(also=(10000,))
        self.conf = [conf] if conf else []
        self.settings = settings
        self.start()

    def start(self):
        """Starts, empty, on the same port."""
        self.spawn(_program("redis-server"), *self.conf, *self._listen(), "--bind",
                   "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self.folder,
                   *self.settings)
        # That it wants a password is an answer too.
        self.wait_ready(lambda: "PONG" in self._ping() or "NOAUTH" in self._ping(),
                        "Redis answers")
        return self

    def _listen(self):
        return "--port", self.port

    def _ping(self):
        return self.command("PING", check=False)

    def command(self, *words, check=True):
        """What redis-cli prints."""
        command = [_program("redis-cli"), "-p", self.port, *self.client, *words]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=20,
                              check=False)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def url(self):
        """redis://…"""
        return f"redis://127.0.0.1:{self.port}"


class TlsRedis(RedisServer):
    """TLS alone, with a certificate for 127.0.0.1 by an authority of its own, `ca_file`."""

    def __init__(self, *settings):
        self.keys = tempfile.TemporaryDirectory(prefix="banter-tls-")
        folder = pathlib.Path(self.keys.name)
        self.ca_file, self.key_file = folder / "ca.pem", folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", self.key_file, "-out", self.ca_file],
                       check=True, capture_output=True)
        self.client = ("--tls", "--cacert", self.ca_file)
        super().__init__(*settings)

    def _listen(self):
        return ("--port", 0, "--tls-port", self.port, "--tls-auth-clients", "no",
                "--tls-cert-file", self.ca_file, "--tls-key-file", self.key_file,
                "--tls-ca-cert-file", self.ca_file)

    @property
    def url(self):
        """rediss://…, trusted."""
        return f"rediss://127.0.0.1:{self.port}?ca_file={self.ca_file}"

    def close(self):
        super().close()
        self.keys.cleanup()


class WatchedRedis:
    """A master and a replica that a sentinel watches over, under the name `banter`."""

    def __init__(self):
        self.master = RedisServer()
        self.replica = RedisServer("--replicaof", "127.0.0.1", str(self.master.port))
        self.sentinel = Child("sentinel")
        self.port = free_port()
        conf = self.sentinel.folder / "sentinel.conf"
        conf.write_text(f"port {self.port}\nbind 127.0.0.1\n"
                        f"sentinel monitor banter 127.0.0.1 {self.master.port} 1\n"
                        "sentinel down-after-milliseconds banter 500\n"
                        "sentinel failover-timeout banter 3000\n", encoding="ascii")
        self.sentinel.spawn(_program("redis-server"), conf, "--sentinel")
        self.sentinel.wait_ready(lambda: "1 replicas" in self.sentinel.log() or self._knows(),
                                 "the sentinel knows the replica")

    def _ask(self, *words):
        done = subprocess.run([_program("redis-cli"), "-p", str(self.port), *words],
                              capture_output=True, text=True, timeout=20, check=False)
        return done.stdout

    def _knows(self):
        return str(self.replica.port) in self._ask("SENTINEL", "REPLICAS", "banter")

    def failed_over(self):
        """Whether the replica is the master now, by the sentinel's word."""
        return (str(self.replica.port) in self._ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "banter")
                and "role:master" in self.replica.command("INFO", "replication"))

    @property
    def url(self):
        """redis+sentinel://…"""
        return f"redis+sentinel://127.0.0.1:{self.port}/banter"

    def close(self):
        """Ends all three."""
        for each in (self.sentinel, self.replica, self.master):
            each.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


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

    def move_slot(self, slot, between=lambda: None):
        """To another master, as redis-cli does, with `between` done while it is under way."""
        masters = {node: node.command("CLUSTER", "MYID").strip() for node in self.masters()}
        source = next(node for node in masters if self._serves(node, slot))
        target = next(node for node in masters if node is not source)
        target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", masters[source])
        source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", masters[target])
        between()
        while keys := source.command("CLUSTER", "GETKEYSINSLOT", slot, 100).split():
            source.command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "REPLACE", "KEYS",
                           *keys)
        between()
        for node in (target, source):
            node.command("CLUSTER", "SETSLOT", slot, "NODE", masters[target])

    @staticmethod
    def _serves(node, slot):
        mine = next(line for line in node.command("CLUSTER", "NODES").splitlines()
                    if "myself" in line)
        ranges = [part.split("-") for part in mine.split()[8:] if not part.startswith("[")]
        return any(int(part[0]) <= slot <= int(part[-1]) for part in ranges)

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
