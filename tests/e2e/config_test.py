"""Configuration: flags over environment over file over defaults, and every error at once."""
import json

import people
from banter_process import command
from http_client import call
from ws_client import WebSocket


def printed(*words, **named):
    done = command("config", "print", "--json", *words, secret=None, **named)
    return {row["setting"]: (row["value"], row["from"]) for row in json.loads(done.stdout)}


def test_flags_win_over_environment_over_file_over_defaults(folder):
    file = folder / "banter.toml"
    file.write_text('log_level = "warn"\nlisten = "127.0.0.1:1111"\nreactors = 7\n')
    environment = {"BANTER_LISTEN": "127.0.0.1:2222", "BANTER_LOG_LEVEL": "error",
                   "BANTER_CONFIG": str(file)}
    got = printed("--log-level", "debug", environment=environment)
    assert got["log-level"][0] == "debug"
    assert got["listen"] == ("127.0.0.1:2222", "BANTER_LISTEN")
    assert got["reactors"] == ("7", str(file))
    assert got["message-rate"][1] == "default"


def test_the_names_of_the_replaced_system_are_taken():
    got = printed(environment={"ALLOWED_HOSTS": "chat.example.com,.example.org",
                               "WS_RATE_COUNT": "7", "WS_RATE_WINDOW_SEC": "30",
                               "DJANGO_SECRET_KEY": "d" * 40})
    assert got["message-rate"][0].startswith("7/30")
    assert "chat.example.com" in got["allowed-hosts"][0]
    assert got["secret-key"][1] == "DJANGO_SECRET_KEY" and "d" * 4 not in got["secret-key"][0]


def test_secrets_are_masked():
    done = command("config", "print", secret="s" * 40,
                   environment={"BANTER_SECRET_KEY_PREVIOUS": "p" * 40})
    assert "ssss" not in done.stdout and "pppp" not in done.stdout


def test_every_error_is_told_at_once_with_the_name_of_its_setting(folder):
    file = folder / "banter.toml"
    file.write_text('members_max = "many"\nno_such_setting = 1\n')
    for words in (["config", "check"], ["serve"]):
        done = command(*words, "--config", file, "--reactors", "none", "--listen", "nowhere",
                       "--data", folder / "data", check=False,
                       environment={"BANTER_MESSAGE_RATE": "fast"})
        assert done.returncode == 2
        for name in ("--reactors", "--listen", "BANTER_MESSAGE_RATE", "members_max",
                     "no_such_setting"):
            assert name in done.stderr, (name, done.stderr)
    assert not (folder / "data").exists()


def test_a_good_configuration_passes_the_check(folder):
    file = folder / "banter.toml"
    file.write_text('listen = "127.0.0.1:0"\n')
    command("config", "check", "--config", file, "--data", folder, secret=None)


def test_a_misspelt_option_is_told_with_the_right_one():
    done = command("serve", "--lissten", "127.0.0.1:0", check=False)
    assert done.returncode == 2 and "--listen" in done.stderr


def test_a_taken_port_is_an_error_not_a_crash(server, folder):
    done = command("serve", "--listen", server.address, "--data", folder / "data",
                   "--insecure-dev", check=False)
    assert done.returncode == 3 and "event=not_started" in done.stderr


def test_allowed_hosts_are_kept(start):
    server = start("--allowed-hosts", "chat.example.com,.example.org")
    for host, status in (("chat.example.com", 200), ("chat.example.com:8000", 200),
                         ("a.b.example.org", 200), ("example.org", 200), ("example.com", 400),
                         ("chat.example.com.evil.net", 400), ("evilexample.org", 400)):
        got = call(server, "GET", "/api/chat/conversations/list", headers=[("Host", host)])
        assert (got.status == 400) == (status == 400), (host, got.status)


def test_allowed_origins_are_kept(start):
    server = start("--allowed-origins", "https://chat.example.com")
    person = people.sign_up(server)
    path = f"/ws/chat/{people.create_conversation(server, person)}/?token={person.token}"
    for origin, status in (("https://chat.example.com", 101), ("https://evil.example", 403),
                           ("http://chat.example.com", 403), ("null", 403)):
        assert WebSocket(server, path, [f"Origin: {origin}"]).status == status, origin
    assert WebSocket(server, path).status == 101  # no browser, no Origin
