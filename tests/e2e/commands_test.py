"""Every administrator command, while a server serves and while none does."""
import json
import re

import pytest

import people
from banter_process import Banter, command
from http_client import call


@pytest.fixture(name="admin", params=["serving", "stopped"])
def admin_of_a_server(request, start):
    """(admin, server): the same commands through the admin socket and without a server."""
    server = start()
    people.sign_up(server, "first")
    if request.param == "stopped":
        server.stop()
    yield server.admin


def rows(done):
    return json.loads(done.stdout)


def test_a_user_is_made_shown_listed_and_deleted(admin):
    done = admin("user", "create", "New.User@Example.com", "--json", stdin="Pass1243!\n")
    made = rows(done)
    assert made["email"] == "new.user@example.com"
    shown = rows(admin("user", "show", "new.user@example.com", "--json"))
    assert (shown["id"], shown["active"], shown["password"]) == (made["id"], True, "argon2id")
    assert rows(admin("user", "show", made["id"], "--json")) == shown
    listed = rows(admin("user", "list", "--json"))
    assert [row["email"] for row in listed] == ["first@example.com", "new.user@example.com"]
    admin("user", "delete", made["id"])
    assert [row["id"] for row in rows(admin("user", "list", "--json"))] == [listed[0]["id"]]


def test_a_user_is_deactivated_and_activated(admin):
    for verb, active in (("deactivate", False), ("activate", True)):
        admin("user", verb, "first@example.com")
        assert rows(admin("user", "show", "first@example.com", "--json"))["active"] is active


def test_a_conversation_is_listed_shown_and_its_members_change(start):
    server = start()
    a, b, c = (people.sign_up(server) for _ in range(3))
    conversation = people.create_conversation(server, a, b)
    for stopped in (False, True):
        if stopped:
            server.stop()
        admin = server.admin
        listed = rows(admin("conversation", "list", "--json"))
        assert [row["id"] for row in listed] == [conversation]
        assert rows(admin("conversation", "show", conversation, "--json"))["members"]
        admin("conversation", "members", conversation, "add", c.email)
        admin("conversation", "members", conversation, "remove", b.id)
        shown = rows(admin("user", "show", c.email, "--json"))
        assert shown["conversations"] == [conversation]
        again = admin("conversation", "members", conversation, "remove", b.id, check=False)
        assert again.returncode == 1 and again.stderr
        admin("conversation", "members", conversation, "remove", c.email)
        admin("conversation", "members", conversation, "add", b.email)


REFUSED = {
    "an unknown user": (("user", "show", "nobody@example.com"), "", 1),
    "an unknown number": (("user", "deactivate", "99999"), "", 1),
    "a taken e-mail": (("user", "create", "first@example.com"), "Pass1243!\n", 1),
    "a bad e-mail": (("user", "create", "no-address"), "Pass1243!\n", 1),
    "a short password": (("user", "create", "x@example.com"), "short\n", 1),
    "no password": (("user", "create", "x@example.com"), "", 2),
    "an unknown conversation": (("conversation", "show", "99"), "", 1),
    "a member of nothing": (("conversation", "members", "99", "add", "first@example.com"), "", 1),
    "an unknown verb": (("user", "explode", "first@example.com"), "", 2),
    "a missing argument": (("user", "show"), "", 2),
    "an unknown option": (("user", "list", "--colour"), "", 2),
}


@pytest.mark.parametrize("words, stdin, status", REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_command_says_why_and_changes_nothing(server, words, stdin, status):
    people.sign_up(server, "first")
    before = server.admin("user", "list", "--json").stdout
    done = server.admin(*words, stdin=stdin, check=False)
    assert done.returncode == status, done
    assert done.stderr.strip() and "Traceback" not in done.stderr
    assert server.admin("user", "list", "--json").stdout == before


def test_commands_on_a_directory_without_a_store_say_so(folder):
    done = command("user", "list", "--data", folder / "nothing", check=False)
    assert done.returncode != 0 and done.stderr.strip()
    assert not (folder / "nothing").exists()


def test_a_second_server_on_the_same_data_is_refused(server, start):
    other = Banter(server.data, start=False)
    try:
        other.start()
        raise RuntimeError("two servers share a store")
    except AssertionError as refusal:
        assert "ended with 3" in str(refusal)
    assert call(server, "GET", "/healthz").status == 200


def test_the_admin_socket_is_the_owners_alone(server):
    socket = server.data / "admin.sock"
    assert socket.stat().st_mode & 0o777 == 0o600
    assert server.data.stat().st_mode & 0o077 == 0


def test_version_and_help_need_no_store():
    assert re.fullmatch(r"banter \d+\.\d+\.\d+\n", command("version").stdout)
    for words in (["serve"], ["user"], ["user", "create"], ["conversation", "members"],
                  ["backup"], ["restore"], ["migrate"], ["config", "check"], ["verify"]):
        shown = command(*words, "--help").stdout
        assert "banter " + " ".join(words) in shown and len(shown.splitlines()) > 5


def test_every_listed_option_of_serve_is_taken(start):
    """The names that scripts rely on."""
    shown = command("serve", "--help").stdout
    for name in ("--listen", "--data", "--database", "--redis", "--throttle", "--message-rate",
                 "--reactors", "--insecure-dev", "--log-level"):
        assert name in shown
    server = start("--database", "sqlite:", "--reactors", "3", "--log-level", "debug")
    assert call(server, "GET", "/healthz").status == 200


def test_migrate_brings_a_new_directory_to_the_current_form_and_is_idempotent(folder):
    data = folder / "data"
    assert command("migrate", "--data", data).stdout
    assert command("migrate", "--data", data).stdout
    with Banter(data) as server:
        assert call(server, "GET", "/healthz").json()["db"] is True
