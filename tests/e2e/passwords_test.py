"""Passwords: the same work for everybody, a bounded pool that sheds, and hashes of Django."""
import base64
import concurrent.futures
import hashlib
import sqlite3
import statistics
import time

import people
from http_client import call
from waiting import FACTOR


def timed(action):
    """(result, seconds)."""
    begun = time.perf_counter()
    return action(), time.perf_counter() - begun


def test_an_unknown_user_takes_as_long_as_a_wrong_password(server):
    person = people.sign_up(server)
    known, unknown = [], []
    for number in range(9):
        answer, took = timed(lambda: people.log_in(server, person.email, "Wrong1234!"))
        known.append(took)
        other, took = timed(lambda: people.log_in(server, f"no{number}@example.com", "Wrong1234!"))
        unknown.append(took)
        assert (answer.status, answer.body) == (other.status, other.body)
    ratio = statistics.median(unknown) / statistics.median(known)
    assert 0.5 < ratio < 2.0, ratio


def test_too_many_logins_are_shed_and_nothing_else_waits(room):
    a = room.join(room.a)
    with concurrent.futures.ThreadPoolExecutor(160) as pool:
        logins = [pool.submit(people.log_in, room.server, room.a.email) for _ in range(160)]
        slowest = 0.0
        while not all(login.done() for login in logins):
            _, took = timed(lambda: (a.say("meanwhile"), a.json(timeout=10)))
            slowest = max(slowest, took)
    answers = [login.result() for login in logins]
    assert {answer.status for answer in answers} == {200, 503}
    for answer in answers:
        if answer.status == 503:
            assert int(answer.headers["retry-after"]) >= 1
    assert slowest < 2.0 * FACTOR, slowest
    assert people.log_in(room.server, room.a.email).status == 200


def stored_hash(server, email):
    """The account's hash, read from the stopped server's store."""
    with sqlite3.connect(server.data / "banter.db") as database:
        return database.execute("select password_hash from accounts where email = ?",
                                (email,)).fetchone()[0]


def test_a_hash_of_django_verifies_and_is_replaced_at_login(server):
    person = people.sign_up(server)
    server.stop()
    digest = hashlib.pbkdf2_hmac("sha256", b"Django123!", b"saltsalt", 60_000)
    django = f"pbkdf2_sha256$60000$saltsalt${base64.b64encode(digest).decode()}"
    with sqlite3.connect(server.data / "banter.db") as database:
        database.execute("update accounts set password_hash = ? where email = ?",
                         (django, person.email))
    database.close()
    server.start()
    assert people.log_in(server, person.email, "django123!").status == 400
    assert people.log_in(server, person.email, "Django123!").status == 200
    assert people.log_in(server, person.email, "Django123!").status == 200
    token = call(server, "POST", "/api/users/token",
                 {"username": person.email, "password": "Django123!"})
    assert token.status == 200
    server.stop()
    assert stored_hash(server, person.email).startswith("$argon2id$")


def test_a_new_hash_is_argon2id_of_at_least_19_mib(server):
    person = people.sign_up(server)
    server.stop()
    kind, version, costs = stored_hash(server, person.email).split("$")[1:4]
    assert (kind, version) == ("argon2id", "v=19")
    cost = dict(part.split("=") for part in costs.split(","))
    assert int(cost["m"]) >= 19 * 1024 and int(cost["t"]) >= 2 and int(cost["p"]) >= 1
