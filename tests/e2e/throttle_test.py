"""The default throttles: exact counts under parallel requests, told with Retry-After."""
import concurrent.futures
import re

import pytest

import people
from http_client import call


def at_once(count, ask):
    """The responses of `count` requests that run side by side."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def statuses(answers):
    return sorted(answer.status for answer in answers)


def sign_up(server, number, headers=()):
    body = {"first_name": "E", "last_name": "User", "email": f"t{number}@example.com",
            "password": people.PASSWORD}
    return call(server, "POST", "/api/users/signup", body, headers=headers)


@pytest.fixture(name="strict")
def strict_server(start):
    """A server with everything at its default."""
    return start(limits=True)


def test_two_of_many_parallel_sign_ups_pass(strict):
    answers = at_once(16, lambda number: sign_up(strict, number))
    assert statuses(answers) == [201] * 2 + [429] * 14
    for answer in answers:
        if answer.status == 429:
            wait = int(answer.headers["retry-after"])
            assert 1 <= wait <= 60
            unit = "second" if wait == 1 else "seconds"
            assert answer.text == (
                f'{{"detail":"Request was throttled. Expected available in {wait} {unit}."}}')


def test_a_forged_address_buys_nothing(strict):
    answers = at_once(10, lambda number: sign_up(
        strict, number, [("X-Forwarded-For", f"192.0.2.{number}"), ("X-Real-IP", "192.0.2.9"),
                         ("Forwarded", f"for=192.0.2.{number}")]))
    assert statuses(answers) == [201] * 2 + [429] * 8


def test_behind_a_trusted_proxy_each_client_has_its_own_count(start):
    server = start("--trusted-proxies", "127.0.0.1,10.0.0.0/8", limits=True)

    def ask(number):
        client = number % 3
        forged = f"198.51.100.{number}"  # what the client wrote himself stands left
        return sign_up(server, number,
                       [("X-Forwarded-For", f"{forged}, 192.0.2.{client}, 10.0.0.1")])

    assert statuses(at_once(12, ask)) == [201] * 6 + [429] * 6


def test_login_and_token_share_five_a_minute(strict):
    email = people.sign_up(strict).email

    def ask(number):
        if number % 2:
            return people.log_in(strict, email)
        return call(strict, "POST", "/api/users/token",
                    {"username": email, "password": people.PASSWORD})

    assert statuses(at_once(10, ask)) == [200] * 5 + [429] * 5


def test_anonymous_requests_are_twenty_a_minute(strict):
    answers = at_once(30, lambda _: call(strict, "POST", "/api/users/token/refresh", {}))
    assert statuses(answers) == [400] * 20 + [429] * 10


@pytest.mark.parametrize("path, admitted", [
    ("/api/chat/conversations/list", 5), ("/api/chat/conversations/{}/history", 10)])
def test_reading_is_counted_by_user_not_by_address(strict, path, admitted):
    a, b = people.sign_up(strict), people.sign_up(strict)
    for person in (a, b):
        conversation = people.create_conversation(strict, person) if "{}" in path else 0
        answers = at_once(admitted + 6, lambda _: call(
            strict, "GET", path.format(conversation), token=person.token))  # pylint: disable=W0640
        assert statuses(answers) == [200] * admitted + [429] * 6


def test_create_and_list_share_their_count(strict):
    a = people.sign_up(strict)
    for _ in range(3):
        people.create_conversation(strict, a)
    answers = [call(strict, "GET", "/api/chat/conversations/list", token=a.token)
               for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 429, 429]


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/livez", "/readyz", "/", "/wsdemo/"])
def test_probes_and_pages_are_never_throttled(strict, path):
    assert statuses(at_once(40, lambda _: call(strict, "GET", path))) == [200] * 40


def test_unauthorised_requests_are_not_counted(strict):
    answers = at_once(60, lambda _: call(strict, "GET", "/api/chat/conversations/list",
                                         token="bad.token.here"))
    assert statuses(answers) == [401] * 60
    a = people.sign_up(strict)
    assert call(strict, "GET", "/api/chat/conversations/list", token=a.token).status == 200


def test_failed_logins_block_that_address_only_for_that_account(start):
    server = start("--throttle", "login=off,anon=off,user=off,signup=off",
                   "--trusted-proxies", "127.0.0.1", limits=True)
    a, b = people.sign_up(server), people.sign_up(server)

    def log_in(email, address, password=people.PASSWORD):
        return call(server, "POST", "/api/users/login", {"email": email, "password": password},
                    headers=[("X-Forwarded-For", address)]).status

    wrong = [log_in(a.email, "192.0.2.1", "Wrong1234!") for _ in range(7)]
    assert wrong == [400] * 5 + [429] * 2
    assert log_in(a.email, "192.0.2.1") == 429
    assert log_in(b.email, "192.0.2.1") == 200
    assert log_in(a.email, "192.0.2.2") == 200  # a stranger cannot lock the owner out


def test_off_lifts_one_scope_and_leaves_the_others(start):
    server = start("--throttle", "signup=off", limits=True)
    answers = at_once(15, lambda number: sign_up(server, number))
    assert statuses(answers) == [201] * 15
    refreshes = at_once(10, lambda _: call(server, "POST", "/api/users/token/refresh", {}))
    assert statuses(refreshes) == [400] * 5 + [429] * 5


def test_a_throttled_request_is_counted_in_the_metrics(strict):
    at_once(6, lambda number: sign_up(strict, number))
    metrics = call(strict, "GET", "/metrics").text
    assert re.search(r'^banter_chat_throttled_total\{[^}]*signup[^}]*\} 4$', metrics, re.MULTILINE)
