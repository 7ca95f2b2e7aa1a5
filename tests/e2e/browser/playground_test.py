"""The protocol playground shows what really goes over the wire."""
import pytest

import people


@pytest.fixture
def bench(server, window):
    """(window, person): the playground with a token, a conversation, not connected yet."""
    a, b = people.sign_up(server), people.sign_up(server)
    conversation = people.create_conversation(server, a, b)
    opened = window()
    opened.open("/wsdemo/")
    opened.type("#token", a.token)
    opened.type("#conversation-id", str(conversation))
    return opened, a


def frames(window, direction):
    """The frames of one direction on display, as their types."""
    titles = window.all(f".frame.{direction} b")
    return [title.text for title in titles if title.is_displayed()]


def test_every_frame_is_shown_in_both_directions(bench):
    opened, person = bench
    opened.type("#since", "latest")
    opened.click("#connect")
    opened.wait_text("#status", "Connected")
    opened.click("#send")
    opened.until(lambda: frames(opened, "in") == ["history", "message", "ack"], "the answer")
    assert frames(opened, "out") == ["frame"]
    assert person.token not in opened.text("body")

    for button in opened.all("#tries button"):
        button.click()
    opened.until(lambda: frames(opened, "in").count("error") >= 4, "the refusals")
    opened.type("#filter", "conflict")
    opened.until(lambda: frames(opened, "in") == ["error"], "only the conflict is left")
    assert '"code": "conflict"' in opened.text("#frames")


def test_dropping_and_resuming_goes_on_where_it_was(bench):
    opened, _ = bench
    opened.type("#since", "latest")
    opened.click("#connect")
    opened.wait_text("#status", "Connected")
    opened.click("#send")
    opened.until(lambda: "ack" in frames(opened, "in"), "the ack")
    opened.click("#clear")
    opened.click("#resume")
    opened.until(lambda: frames(opened, "in") == ["history"], "the resumed history")
    assert '"reset": false' in opened.text("#frames")
    assert opened.find("#since").get_attribute("value") == "1"


def test_a_refused_handshake_is_shown_as_what_it_is(bench):
    opened, _ = bench
    opened.type("#token", "nonsense")
    opened.click("#connect")
    opened.wait_text("#status", "Closed (1006)")


def test_a_token_can_be_had_by_logging_in(bench):
    opened, person = bench
    opened.script("document.querySelector('#log-in').open = true")
    opened.type("#email", person.email)
    opened.type("#password", "wrong")
    opened.click("#log-in-button")
    opened.wait_text("#log-in-error", "Invalid credentials")
    opened.type("#password", people.PASSWORD)
    opened.type("#token", "")
    opened.click("#log-in-button")
    opened.until(lambda: opened.find("#token").get_attribute("value").startswith("eyJ"), "a token")
