#!/usr/bin/python3
"""Runs the steps of ./test in order and ends with one line, `N passed, N failed`.

The steps stand in tools/testing/steps.py; each writes a log of its own to build/test-logs/.
"""
import argparse
import os
import sys

from testing import steps
from testing.runner import Runner

HELP = """\
usage: ./test [--quick | --long] [--only STEP]... [--list] [--help]

Installs what the tests need (apt; root or sudo), builds Banter in three ways and runs every
test. Each step says how long it took; its output is kept in build/test-logs/STEP.log. The last
line is `N passed, N failed`, and the exit status is 0 only if nothing failed.

  --quick       no sanitizers, no browser, no deployments of several nodes, a tenth of the
                simulation's seeds: what to run before each commit
  --long        ten times the seeds of the simulation, minutes of chaos instead of seconds, and
                servers that are broken on purpose
  --only STEP   just this step and the builds it needs; may be repeated
  --list        the names of the steps and what they do
"""


def parse(arguments):
    parser = argparse.ArgumentParser(usage=argparse.SUPPRESS, add_help=False)
    how_much = parser.add_mutually_exclusive_group()
    how_much.add_argument("--quick", action="store_true")
    how_much.add_argument("--long", action="store_true")
    parser.add_argument("--only", action="append", default=[], choices=[s.name for s in steps.ALL])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--help", "-h", action="store_true")
    return parser.parse_args(arguments)


def wanted(options):
    """The steps to run, in the order in which they are declared."""
    if options.only:
        names = set(options.only)
        for step in steps.ALL:
            if step.name in options.only:
                names.update(step.needs)
        return [step for step in steps.ALL if step.name in names]
    return [step for step in steps.ALL
            if (step.quick or not options.quick) and (options.long or not step.long)]


def main():
    options = parse(sys.argv[1:])
    if options.help:
        print(HELP, end="")
        return 0
    if options.list:
        for step in steps.ALL:
            when = "  (only with --long)" if step.long else ""
            print(f"{step.name:14} {step.what}{when if step.quick else '  (not with --quick)'}")
        return 0
    if options.quick:
        os.environ.setdefault("BANTER_SEEDS", "100")
        os.environ.setdefault("PYTEST_ADDOPTS", "-m 'not nodes'")
    if options.long:
        os.environ.setdefault("BANTER_SEEDS", "10000")
        os.environ.setdefault("BANTER_CHAOS_SECONDS", "90")
    runner = Runner()
    for step in wanted(options):
        runner.run(step)
    print(f"{runner.passed} passed, {runner.failed} failed")
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main())
