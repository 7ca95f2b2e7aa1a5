"""Acknowledged messages per second, the latency of an ack, and start-up with a full store."""
import statistics

from measuring import load, rooms
from measuring.machine import fdatasync_us

SENDERS = 256


def appends(seconds, windows=(1, 4, 16)):
    """256 senders in 256 conversations, each with `window` messages on the way."""
    data, people = rooms.fresh_copy("append")
    path = rooms.FOLDER / "pairs"
    rows = []
    with load.banter(data) as server:
        rooms.write_pairs(path, rooms.make(server, people, SENDERS, 1))
        for window in windows:
            result = load.wsload(server, "--pairs", path, "--connections", SENDERS, "--senders", 1,
                                 "--client-id", "--window", window, "--duration", seconds)
            rows.append({
                "window": window, "acked_per_s": result["acked_per_s"],
                "ack_p50_us": result["ack_p50_us"], "ack_p99_us": result["ack_p99_us"],
                "acks_missing": result["acks_missing"], "acks_surplus": result["acks_surplus"],
                "server_cpu_pct": result["server_cpu_pct"],
                "loadgen_cpu_pct": result["loadgen_cpu_pct"],
                "fdatasync_us": round(fdatasync_us(data), 1), "clean": result["clean"]})
    return {"rows": rows, "limit": 15000, "acked_per_s": max(r["acked_per_s"] for r in rows)}


def ack_latency(rounds=5, rate=20):
    """One sender, 20 messages a second, in turn with as many fdatasyncs a second."""
    data, people = rooms.fresh_copy("append")
    path = rooms.FOLDER / "pairs"
    acks, syncs, tight = [], [], []
    with load.banter(data) as server:
        rooms.write_pairs(path, rooms.make(server, people, 1, 1))
        for _ in range(rounds):
            syncs.append(fdatasync_us(data, 80, pause=1 / rate))
            tight.append(fdatasync_us(data))
            result = load.wsload(server, "--pairs", path, "--connections", 1, "--senders", 1,
                                 "--client-id", "--mode", "open", "--rate", rate, "--duration", 4)
            acks.append(result["ack_p50_us"])
    ack, sync = statistics.median(acks), statistics.median(syncs)
    return {"ack_p50_us": ack, "fdatasync_us": round(sync, 1), "limit": 2.0,
            "fdatasync_without_rest_us": round(statistics.median(tight), 1),
            "ratio": round(statistics.median(a / s for a, s in zip(acks, syncs)), 3)}


def start_up(messages=100_000, rounds=7):
    """From exec to the ready line, with that many messages in the store, in milliseconds."""
    data, people = rooms.fresh_copy("start")
    messages_left = messages
    path = rooms.FOLDER / "pairs"
    with load.banter(data) as server:
        rooms.write_pairs(path, rooms.make(server, people, SENDERS, 1))
        while messages_left > 0:
            result = load.wsload(server, "--pairs", path, "--connections", SENDERS, "--senders", 1,
                                 "--window", 16, "--warmup", 0, "--duration", 4,
                                 "--max-messages", messages_left)
            messages_left -= result["total_sent"]
    taken = []
    for _ in range(rounds):
        server = load.banter(data)
        taken.append(server.ready_seconds * 1000)
        server.close()
    return {"messages": messages, "ready_ms": round(statistics.median(taken), 1), "limit": 100,
            "worst_ms": round(max(taken), 1)}

