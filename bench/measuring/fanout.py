"""CPU per delivery against the floor, in interleaved pairs."""
import statistics

from measuring import load, rooms

# name, conversations, members, senders, at most so many times the floor, goal
WORKLOADS = (
    ("one room of 1,000, 10 senders", 1, 1000, 10, 1.2, None),
    ("100 rooms of 10, all talk", 100, 10, 10, 2.3, 1.5),
    ("100 rooms of 10, one talks", 100, 10, 1, 1.4, None),
    ("500 rooms of 2, both talk", 500, 2, 2, 2.6, 1.8),
)
CPU = "cpu_us_per_delivery_sched"


def run_pair(server, words):
    """One run of the floor and one of Banter, right after each other."""
    with load.Bound() as bound:
        floor = load.wsload(bound, *words)
    return floor, load.wsload(server, *words)


def measure(workload, pairs, seconds):
    """One row of the table."""
    name, conversations, members, senders, limit, goal = workload
    data, people = rooms.fresh_copy("fanout")
    with load.banter(data) as server:
        path = rooms.FOLDER / "pairs"
        connections = rooms.write_pairs(path, rooms.make(server, people, conversations, members))
        words = ("--pairs", path, "--connections", connections, "--senders", senders,
                 "--duration", seconds)
        runs = [run_pair(server, words) for _ in range(pairs)]
    ratios = [ours[CPU] / floor[CPU] for floor, ours in runs]
    ours = [ours for _, ours in runs]
    return {
        "workload": name, "limit": limit, "goal": goal,
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "bound_us": load.median([floor for floor, _ in runs], CPU),
        "banter_us": load.median(ours, CPU),
        "deliveries_per_s": load.median(ours, "deliveries_per_s"),
        "deliveries_per_recv": load.median(ours, "deliveries_per_recv"),
        "lat_p50_us": load.median(ours, "lat_p50_us"),
        "lat_p99_us": load.median(ours, "lat_p99_us"),
        "clean": all(run["clean"] for run in ours),
    }


def reactors(pairs, seconds):
    """Two reactors against one, nothing pinned: CPU per delivery."""
    data, people = rooms.fresh_copy("reactors")
    path = rooms.FOLDER / "pairs"
    with load.banter(data, core=None) as server:
        connections = rooms.write_pairs(path, rooms.make(server, people, 100, 10))
    words = ("--pairs", path, "--connections", connections, "--senders", 10, "--duration", seconds)
    runs = []
    for _ in range(pairs):
        pair = []
        for count in (1, 2):
            with load.banter(data, core=None, reactors=count) as server:
                pair.append(load.wsload(server, *words, core=None))
        runs.append(pair)
    ratios = [two[CPU] / one[CPU] for one, two in runs]
    return {
        "one_us": load.median([one for one, _ in runs], CPU),
        "two_us": load.median([two for _, two in runs], CPU),
        "ratio": round(statistics.median(ratios), 3), "limit": 1.2,
        "one_per_s": load.median([one for one, _ in runs], "deliveries_per_s"),
        "two_per_s": load.median([two for _, two in runs], "deliveries_per_s"),
        "clean": all(run["clean"] for pair in runs for run in pair),
    }


def idle_memory(connections=10000):
    """Resident memory per idle connection."""
    data, people = rooms.fresh_copy("idle")
    with load.banter(data) as server:
        path = rooms.FOLDER / "pairs"
        rooms.write_pairs(path, rooms.make(server, people, connections // 10, 10))
        result = load.wsload(server, "--pairs", path, "--connections", connections,
                             "--mode", "idle", "--warmup", 1, "--duration", 2)
    return {"connections": result["connected"], "clean": result["clean"], "limit": 2048,
            "bytes_per_connection": result["rss_per_connection_bytes"],
            "rss_before_kb": result["rss_before_kb"],
            "rss_connected_kb": result["rss_connected_kb"],
            "connect_per_s": result["connect_per_s"]}
