"""Many nodes: durable appends on PostgreSQL, what a message from another node costs and how late it
is, and what conversations that nobody talks in cost a node that reads along."""
import contextlib
import statistics

from measuring import load, rooms
from measuring.machine import LOAD_CORE, pinned
from banter_process import Banter
from people import Person, access_token
from servers.postgres import PostgresServer
from servers.redis import RedisServer

SENDERS = 256
# name, conversations, members of each (one of them sends), messages a second of all
WORKLOADS = (
    ("one room of 1,000, one talks", 1, 1000, 40),
    ("100 rooms of 10, one talks", 100, 10, 2000),
    ("500 rooms of 2, one talks", 500, 2, 4000),
)
CPU = "cpu_us_per_delivery_sched"


class Cluster:
    """PostgreSQL, Redis and nodes; the first one has the server's core to itself."""

    def __init__(self, count=2):
        self.stack = contextlib.ExitStack()
        self.postgres = self.stack.enter_context(PostgresServer())
        self.redis = self.stack.enter_context(RedisServer())
        self.url = self.postgres.database()
        self.nodes = []
        for number in range(count):
            wrap = pinned("0" if number == 0 else LOAD_CORE)
            self.nodes.append(self.stack.enter_context(
                Banter(None, "--reactors", "1", wrap=wrap, database=self.url,
                       redis=self.redis.url)))

    def people(self, conversations, members):
        """That many new conversations, in SQL: [(id, [Person])]."""
        database = self.url.rsplit("/", 1)[1]
        count = conversations * members
        first = int(self.postgres.query(
            "INSERT INTO banter.accounts (email, first_name, last_name, password_hash, created_at)"
            " SELECT 'bench' || gen_random_uuid() || '@example.com', '', '', '!', 0"
            f" FROM generate_series(1, {count}) RETURNING id", database).split()[0])
        room = int(self.postgres.query(
            "INSERT INTO banter.conversations (created_at) SELECT 0"
            f" FROM generate_series(1, {conversations}) RETURNING id", database).split()[0])
        self.postgres.query(
            "INSERT INTO banter.members (conversation, member, joined_at)"
            f" SELECT {room} + i / {members}, {first} + i, 0"
            f" FROM generate_series(0, {count - 1}) AS i", database)
        everyone = [Person(first + i, "", access_token(first + i, seconds=86400))
                    for i in range(count)]
        return [(room + i, everyone[i * members:(i + 1) * members]) for i in range(conversations)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()


def appends(seconds, windows=(1, 4, 16)):
    """256 senders in 256 conversations on one node."""
    path, rows = rooms.FOLDER / "pairs", []
    with Cluster(1) as cluster:
        rooms.write_pairs(path, cluster.people(SENDERS, 1))
        for window in windows:
            result = load.wsload(cluster.nodes[0], "--pairs", path, "--connections", SENDERS,
                                 "--senders", 1, "--client-id", "--window", window, "--duration",
                                 seconds)
            rows.append({"window": window, "clean": result["clean"],
                         **{name: result[name] for name in (
                             "acked_per_s", "ack_p50_us", "ack_p99_us", "acks_missing",
                             "acks_surplus", "server_cpu_pct")}})
    return {"rows": rows, "limit": 10000, "acked_per_s": max(row["acked_per_s"] for row in rows),
            "clean": all(row["clean"] for row in rows)}


def deliveries(cluster, workload, pairs, seconds):
    """CPU of a node for each delivery, of messages that another node took, against the same work on
    the embedded store, where this node takes them too."""
    name, conversations, members, rate = workload
    path = rooms.FOLDER / "pairs"
    words = ("--connections", conversations * members, "--senders", 1, "--mode", "open", "--rate",
             rate, "--duration", seconds)
    data, people = rooms.fresh_copy("nodes")
    ours, theirs = [], []
    listened = (members - 1) / members
    with load.banter(data) as alone:
        alone_pairs, across_pairs = path.with_suffix(".alone"), path.with_suffix(".across")
        rooms.write_pairs(alone_pairs, rooms.make(alone, people, conversations, members))
        rooms.write_pairs(across_pairs, cluster.people(conversations, members))
        for _ in range(pairs):
            ours.append(load.wsload(alone, "--pairs", alone_pairs, *words))
            theirs.append(load.wsload(cluster.nodes[0], "--pairs", across_pairs, "--sender-port",
                                      cluster.nodes[1].port, *words))
    ratios = [b[CPU] / listened / a[CPU] for a, b in zip(ours, theirs)]
    return {"workload": name, "messages_per_s": rate, "limit": 1.3,
            "ratio": round(statistics.median(ratios), 3),
            "ratios": [round(ratio, 3) for ratio in ratios],
            "alone_us": load.median(ours, CPU),
            "across_us": round(load.median(theirs, CPU) / listened, 3),
            "clean": all(run["clean"] for run in ours + theirs)}


def latency(cluster, rounds=5, rate=20):
    """20 messages a second in one room of 10: the others on the sender's node, or on another."""
    path = rooms.FOLDER / "pairs"
    rooms.write_pairs(path, cluster.people(1, 10))
    words = ("--pairs", path, "--connections", 10, "--senders", 1, "--mode", "open", "--rate", rate,
             "--duration", 4)
    same, across = [], []
    for _ in range(rounds):
        same.append(load.wsload(cluster.nodes[0], *words))
        across.append(load.wsload(cluster.nodes[0], "--sender-port", cluster.nodes[1].port, *words))
    near, far = load.median(same, "lat_p50_us"), load.median(across, "lat_p50_us")
    return {"same_us": near, "across_us": far, "limit_us": 1500, "added_us": round(far - near, 1),
            "clean": all(run["clean"] for run in same + across)}


def subscriptions(cluster, count=10000):
    """10,000 sockets, each in a conversation of its own, against all of them in one."""
    path = rooms.FOLDER / "pairs"

    def idle(conversations, members):
        rooms.write_pairs(path, cluster.people(conversations, members))
        return load.wsload(cluster.nodes[0], "--pairs", path, "--connections", count, "--mode",
                           "idle", "--warmup", 5, "--duration", 20)
    many = idle(count, 1)
    one = idle(1, count)
    grown = [(run["rss_connected_kb"] - run["rss_before_kb"]) / 1024 for run in (many, one)]
    return {"conversations": many["connected"], "limit_mb": 20, "limit_pct": 1,
            "megabytes": round(grown[0], 1), "one_conversation_megabytes": round(grown[1], 1),
            "cpu_pct": many["server_cpu_pct"], "one_conversation_cpu_pct": one["server_cpu_pct"],
            "poll_pct": round(max(many["server_cpu_pct"] - one["server_cpu_pct"], 0), 2),
            "clean": many["clean"] and one["clean"]}


def measure(pairs, seconds):
    """All of it."""
    result = {"appends": appends(seconds)}
    with Cluster() as cluster:
        result["subscriptions"] = subscriptions(cluster)
        result["latency"] = latency(cluster)
        result["deliveries"] = [deliveries(cluster, workload, pairs, seconds)
                                for workload in WORKLOADS]
    return result
