"""The signing key: made on the first start, refused when weak, rotated without logging out."""
import pytest

import people
from banter_process import Banter, command
from http_client import call

OLD, NEW = "old-key-" + "o" * 32, "new-key-" + "n" * 32


def listing(server, token):
    return call(server, "GET", "/api/chat/conversations/list", token=token).status


def test_the_first_start_makes_a_key_that_only_its_owner_reads(start):
    server = start(secret=None)
    file = server.data / "secret.key"
    assert file.stat().st_mode & 0o777 == 0o600
    key = file.read_text().split()[0]
    assert len(key) >= 32
    person = people.sign_up(server, key=key)
    assert listing(server, person.token) == 200
    token = people.log_in(server, person.email).json()["access"]
    server.restart()
    assert file.read_text().split()[0] == key
    assert listing(server, token) == 200
    assert listing(server, people.access_token(person.id, "dev-secret")) == 401


def test_two_servers_have_two_keys(start):
    keys = {(start(secret=None).data / "secret.key").read_text() for _ in range(2)}
    assert len(keys) == 2


@pytest.mark.parametrize("key", ["dev-secret", "x" * 31])
def test_a_short_key_is_refused_without_insecure_dev(folder, key):
    done = command("serve", "--listen", "127.0.0.1:0", "--data", folder / "data", secret=key,
                   check=False)
    assert done.returncode == 2
    assert "BANTER_SECRET_KEY" in done.stderr and key not in done.stderr


def test_a_key_file_that_others_may_read_is_refused(start):
    server = start(secret=None)
    server.stop()
    (server.data / "secret.key").chmod(0o644)
    done = command("serve", "--listen", "127.0.0.1:0", "--data", server.data, secret=None,
                   check=False)
    assert done.returncode == 2 and "secret.key" in done.stderr
    (server.data / "secret.key").chmod(0o600)
    server.start()


def test_the_replaced_systems_name_for_the_key_is_honoured(start):
    server = start(secret=None, environment={"DJANGO_SECRET_KEY": OLD})
    person = people.sign_up(server, key=OLD)
    assert listing(server, person.token) == 200
    assert not (server.data / "secret.key").exists()


def test_a_previous_key_verifies_and_does_not_sign(start, folder):
    data = folder / "data"
    server = start(data=data, secret=OLD)
    person = people.sign_up(server, key=OLD)
    conversation = people.create_conversation(server, person)
    tokens = people.log_in(server, person.email).json()
    server.stop()

    server = start(data=data, secret=NEW, environment={"BANTER_SECRET_KEY_PREVIOUS": OLD})
    assert listing(server, tokens["access"]) == 200
    socket, _ = people.enter(server, person, conversation)  # his token is signed with the old key
    socket.close()
    refreshed = call(server, "POST", "/api/users/token/refresh", {"refresh": tokens["refresh"]})
    assert refreshed.status == 200
    server.stop()

    server = start(data=data, secret=NEW)  # the old key is gone for good
    assert listing(server, tokens["access"]) == 401
    assert listing(server, refreshed.json()["access"]) == 200
    server.stop()


def test_a_key_is_never_a_flag(folder):
    done = command("serve", "--secret-key", "x" * 40, "--data", folder, secret=None, check=False)
    assert done.returncode == 2 and "BANTER_SECRET_KEY" in done.stderr


def test_no_key_is_shown_anywhere():
    with Banter(secret=OLD) as server:
        people.sign_up(server, key=OLD)
        assert OLD not in server.log()
        assert OLD not in call(server, "GET", "/metrics").text
        assert OLD not in call(server, "GET", "/healthz").text
    assert OLD not in command("config", "print", secret=OLD).stdout
