"""Users and conversations for the workloads. Users are signed up once (an Argon2 hash each) and
kept in build/bench/people; every workload starts on a copy. Tokens are signed here, with the key
that the bench gives the server."""
import concurrent.futures
import json
import pathlib
import shutil

from measuring.machine import ROOT
from banter_process import Banter
from people import Person, access_token, create_conversation, sign_up

FOLDER = ROOT / "build" / "bench"
PEOPLE = 1000


def base_data():
    """A data directory with 1,000 users, made on first use: (directory, [Person])."""
    data, listing = FOLDER / "people", FOLDER / "people.json"
    if not listing.exists():
        shutil.rmtree(data, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        with Banter(data) as server, concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda i: sign_up(server, f"bench{i}"), range(PEOPLE)))
        listing.write_text(json.dumps([[p.id, p.email] for p in made]), encoding="utf-8")
    stored = json.loads(listing.read_text(encoding="utf-8"))
    return data, [Person(i, email, access_token(i, seconds=86400)) for i, email in stored]


def fresh_copy(name):
    """A copy of the users for one workload: (directory, [Person])."""
    data, people = base_data()
    copy = FOLDER / name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("*.sock", "lock"))
    return copy, people


def make(server, people, count, members):
    """`count` conversations of `members` people each, dealt round: [(id, [Person])]."""
    rooms, at = [], 0
    for _ in range(count):
        group = [people[(at + i) % len(people)] for i in range(members)]
        at += members
        rooms.append((create_conversation(server, *group), group))
    return rooms


def write_pairs(path, rooms):
    """One `conversation token` line for each connection."""
    lines = [f"{conversation} {person.token}\n" for conversation, group in rooms
             for person in group]
    FOLDER.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text("".join(lines), encoding="utf-8")
    return len(lines)
