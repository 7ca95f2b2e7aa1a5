#!/usr/bin/python3
"""Measures what the project promises about speed, and prints it beside the promise.

  bench/run.py [--pairs N] [--seconds S] [--only PART]... [--out FILE]

Parts: fanout, reactors, idle, append, ack, start, http, nodes. The server has core 0 and one
reactor, the generator core 1, so two cores must be free of other work. `nodes` starts PostgreSQL
and Redis. Everything is built first; users are made once and kept in build/bench. Results go to
bench/results.json (parts not run keep theirs).
"""
import argparse
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from measuring import durable, fanout, http_load, machine, nodes  # noqa: E402

OUT = machine.ROOT / "bench" / "results.json"
PARTS = ("fanout", "reactors", "idle", "append", "ack", "start", "http", "nodes")


def build():
    """The server, the generator and the floor, all of the release preset."""
    subprocess.run(["cmake", "--preset", "release", "-DBANTER_BENCH=ON"], cwd=machine.ROOT,
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", str(machine.BUILD), "banter", "wsload", "bound"], check=True)


def measure(part, options):
    """The result of one part."""
    if part == "fanout":
        rows = []
        for workload in fanout.WORKLOADS:
            rows.append(fanout.measure(workload, options.pairs, options.seconds))
            show_fanout(rows[-1])
        return rows
    run = {
        "reactors": lambda: fanout.reactors(options.pairs, options.seconds),
        "idle": fanout.idle_memory,
        "append": lambda: durable.appends(options.seconds),
        "ack": durable.ack_latency, "start": durable.start_up, "http": http_load.measure,
        "nodes": lambda: nodes.measure(options.pairs, options.seconds),
    }
    result = run[part]()
    SHOW[part](result)
    return result


def line(name, value, limit, kept):
    """One line of the table."""
    print(f"{name:48} {value:>22}   {limit:>16}   {'kept' if kept else 'NOT KEPT'}", flush=True)


def show_fanout(row):
    """One workload."""
    goal = f" (goal {row['goal']})" if row["goal"] else ""
    line(row["workload"], f"{row['ratio']} x ({row['banter_us']} us)", f"<= {row['limit']} x{goal}",
         row["ratio"] <= row["limit"] and row["clean"])


def show_append(result):
    """The best window."""
    line("acknowledged messages/s", f"{result['acked_per_s']:.0f}", f">= {result['limit']}",
         result["acked_per_s"] >= result["limit"] and all(r["clean"] for r in result["rows"]))


def show_http(rows):
    """Each path."""
    for row in rows:
        line(row["what"], f"{row['ratio']} x nginx ({row['banter_per_s']:.0f}/s)",
             f">= {row['limit']}", row["ratio"] >= row["limit"])


def show_nodes(result):
    """Each promise of many nodes."""
    appends, cost = result["appends"], result["subscriptions"]
    line("acknowledged messages/s on PostgreSQL", f"{appends['acked_per_s']:.0f}",
         f">= {appends['limit']}", appends["acked_per_s"] >= appends["limit"] and appends["clean"])
    for row in result["deliveries"]:
        line(f"from another node: {row['workload']}", f"{row['ratio']} x ({row['across_us']} us)",
             f"<= {row['limit']} x", row["ratio"] <= row["limit"] and row["clean"])
    late = result["latency"]
    line("latency that another node adds", f"{late['added_us']} us",
         f"<= {late['limit_us']} us", late["added_us"] <= late["limit_us"])
    line("10,000 conversations on a node", f"{cost['megabytes']} MB", f"<= {cost['limit_mb']} MB",
         cost["megabytes"] <= cost["limit_mb"])
    line("their poll of heads", f"{cost['poll_pct']} % of a core", f"<= {cost['limit_pct']} %",
         cost["poll_pct"] <= cost["limit_pct"])


SHOW = {
    "reactors": lambda r: line("two reactors against one", f"{r['ratio']} x", f"<= {r['limit']} x",
                               r["ratio"] <= r["limit"] and r["clean"]),
    "idle": lambda r: line("bytes per idle connection", f"{r['bytes_per_connection']}",
                           f"<= {r['limit']}",
                           r["bytes_per_connection"] <= r["limit"] and r["clean"]),
    "append": show_append,
    "ack": lambda r: line("ack at low load", f"{r['ratio']} x fdatasync ({r['ack_p50_us']} us)",
                          f"<= {r['limit']} x", r["ratio"] <= r["limit"]),
    "start": lambda r: line(f"start-up, {r['messages']} messages", f"{r['ready_ms']} ms",
                            f"<= {r['limit']} ms", r["ready_ms"] <= r["limit"]),
    "http": show_http, "nodes": show_nodes,
}


def main():
    """Runs the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", action="append", choices=PARTS, default=[])
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    options = parser.parse_args()
    build()
    results = {}
    if options.out.exists():
        results = json.loads(options.out.read_text(encoding="utf-8"))
    for part in options.only or PARTS:
        results.setdefault("machine", {})[part] = machine.describe()
        results[part] = measure(part, options)
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
