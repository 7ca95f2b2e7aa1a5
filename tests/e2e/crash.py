#!/usr/bin/python3
"""Kills a server under load, again and again, and checks that it kept its promise.

  crash.py [--kills N] [--writers N] [--terminate]

At the end the log must hold every acknowledged message under the acknowledged id, none twice, in a
sequence without holes, and the reader, who resumed after every death, must have seen exactly that
log. --terminate sends SIGTERM instead of SIGKILL.
"""
import argparse
import sys
import time

from banter_process import Banter
from crowd import Crowd


def run(kills, writers_count=4, terminate=False, acks_between=40, say=lambda text: None):
    """Returns (acknowledged messages, longest time to come back in seconds)."""
    with Banter() as server:
        crowd = Crowd([server], writers_count)
        slowest = 0.0
        for kill in range(1, kills + 1):
            crowd.await_acks(acks_between)
            if terminate:
                server.stop()
            else:
                server.kill()
            begun = time.monotonic()
            server.start()
            slowest = max(slowest, time.monotonic() - begun)
            say(f"{kill}: {crowd.acks()} acknowledged")
        total = crowd.finish()
    return total, slowest


def main():
    """The long version."""
    parser = argparse.ArgumentParser(description="kill a server under load and check its promise")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--terminate", action="store_true")
    options = parser.parse_args()
    total, slowest = run(options.kills, options.writers, options.terminate, say=print)
    print(f"{options.kills} deaths, {total} acknowledged messages, none lost, none twice, "
          f"no hole; slowest start {slowest * 1000:.0f} ms")


if __name__ == "__main__":
    sys.exit(main())
