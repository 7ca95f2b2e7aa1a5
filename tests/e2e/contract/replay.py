#!/usr/bin/python3
"""Replays the recorded behaviour against a running server and prints what differs.

  replay.py HOST:PORT [--admin 'COMMAND']

The server must have started on an empty store, with throttles and the message rate lifted and
the signing key set to meta.secret of http.json. COMMAND is run as `COMMAND deactivate EMAIL` and
`COMMAND delete EMAIL` for the cases that need a changed account. Exit status 1 if anything differs.
"""
import argparse
import pathlib
import shlex
import subprocess
import sys
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
# pylint: disable=wrong-import-position
from contract.http_cases import HttpReplay, load  # noqa: E402
from contract.ws_cases import WsReplay  # noqa: E402


def main():
    """Runs both recordings."""
    parser = argparse.ArgumentParser(description="replay the recorded behaviour")
    parser.add_argument("server")
    parser.add_argument("--admin")
    options = parser.parse_args()
    host, port = options.server.rsplit(":", 1)
    server = types.SimpleNamespace(host=host, port=int(port), address=options.server)

    def admin(verb, email):
        if not options.admin:
            print(f"{verb} {email} skipped: no --admin command")
            return
        subprocess.run([*shlex.split(options.admin), verb, email], check=True)

    http, ws = load(HERE / "http.json"), load(HERE / "ws.json")
    outcomes = [(http["cases"][index]["name"], problems)
                for index, problems in HttpReplay(server, http, admin).run()]
    outcomes += [(f"{kind}: {ws[kind][index]['name']}", problems)
                 for kind, index, problems in WsReplay(server, ws).run()]
    for name, problems in outcomes:
        if problems:
            print(f"DIFF {name}: " + "; ".join(problems))
    failed = sum(bool(problems) for _, problems in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
