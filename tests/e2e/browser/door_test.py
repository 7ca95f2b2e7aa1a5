"""Sign-up, log-in and the form that starts a conversation: what they say when something is wrong,
and how they wait when the server asks them to."""
import re

import pytest
from selenium.webdriver.common.keys import Keys

import people


def seconds_in(text):
    """The number in "Waiting 42 s"."""
    return int(re.search(r"(\d+) s\b", text).group(1))


def wait_for_countdown(window, selector, words="Waiting"):
    """Sees it count: two different numbers, the second smaller."""
    window.wait_text(selector, words)
    first = seconds_in(window.text(selector))
    assert 1 <= first <= 60

    def has_counted():
        now = window.text(selector)
        return words in now and seconds_in(now) < first

    window.until(has_counted, "the countdown counts")


def test_each_wrong_field_says_so_and_the_first_gets_the_keyboard(server, window):
    people.sign_up(server, "taken")
    opened = window()
    opened.open()
    opened.type("#sign-up-first-name", "Ada")
    opened.type("#sign-up-email", "taken@example.com")
    opened.type("#sign-up-password", "short" + Keys.ENTER)
    opened.wait_text("#sign-up-password-error", "8 characters or more")
    opened.wait_text("#sign-up-last-name-error", "Please fill this in")
    assert opened.focused() == "sign-up-last-name"
    assert opened.find("#sign-up-last-name").get_attribute("aria-invalid") == "true"
    assert opened.text("#sign-up-first-name-error") == ""
    opened.type("#sign-up-last-name", "Byron")
    assert opened.text("#sign-up-last-name-error") == ""
    opened.type("#sign-up-password", people.PASSWORD + Keys.ENTER)
    opened.wait_text("#sign-up-email-error", "There is an account with this address already")
    assert opened.focused() == "sign-up-email"


def test_wrong_credentials_are_explained(server, window):
    person = people.sign_up(server)
    opened = window()
    opened.open()
    opened.click("#choose-log-in")
    opened.type("#log-in-email", person.email)
    opened.type("#log-in-password", "wrong password" + Keys.ENTER)
    opened.wait_text("#log-in-form .form-error", "do not fit together")
    opened.type("#log-in-password", people.PASSWORD + Keys.ENTER)
    assert opened.number() == person.id


def test_a_server_that_is_away_is_said_in_words(server, window):
    opened = window()
    opened.open()
    server.kill()
    opened.click("#choose-log-in")
    opened.type("#log-in-email", "a@example.com")
    opened.type("#log-in-password", people.PASSWORD + Keys.ENTER)
    opened.wait_text("#log-in-form .form-error", "The server does not answer")


@pytest.fixture
def strict(start, window):
    """A window on a server with the default throttles."""
    server = start(limits=True)
    return server, window(url=server.url)


def test_the_third_sign_up_of_a_minute_counts_down(strict):
    server, opened = strict
    people.sign_up(server)
    people.sign_up(server)
    opened.open()
    for field, value in (("first-name", "Ada"), ("last-name", "Byron"),
                         ("email", "ada@example.com"), ("password", people.PASSWORD)):
        opened.type(f"#sign-up-{field}", value)
    opened.press(Keys.ENTER)
    wait_for_countdown(opened, "#sign-up-form button[type=submit]")
    opened.wait_text("#sign-up-form .form-wait", "This goes on by itself")


@pytest.mark.parametrize("status", [429, 503])
def test_a_form_goes_on_by_itself_when_the_wait_is_over(server, window, status):
    person = people.sign_up(server)
    opened = window()
    opened.open()
    # A refusal that lasts a second, instead of the server's minute.
    opened.script("""
        const real = fetch;
        const [status] = arguments;
        let refused = 0;
        window.fetch = (...call) => refused++ ? real(...call) : Promise.resolve(new Response(
            '{"detail": "Not now."}', {status, headers: {'Retry-After': '1'}}));
        """, status)
    opened.click("#choose-log-in")
    opened.type("#log-in-email", person.email)
    opened.type("#log-in-password", people.PASSWORD + Keys.ENTER)
    assert opened.number() == person.id


def test_starting_too_many_conversations_counts_down(strict):
    server, opened = strict
    a, b = people.sign_up(server), people.sign_up(server)
    opened.enter_as(a)
    for _ in range(6):
        opened.type("#member-numbers", f"{b.id}" + Keys.ENTER)
        opened.until(lambda: opened.find("#member-numbers").get_attribute("value") == ""
                     or "Waiting" in opened.text("#new-conversation"), "an answer")
        if "Waiting" in opened.text("#new-conversation"):
            break
    wait_for_countdown(opened, "#new-conversation button")


def test_talking_too_fast_is_slowed_down_and_nothing_is_lost(strict):
    server, opened = strict
    a, b = people.sign_up(server), people.sign_up(server)
    opened.enter_as(a, f"/#/{people.create_conversation(server, a, b)}")
    opened.wait_line()
    texts = [f"word {n}" for n in range(1, 8)]
    # At once, so that a slow machine does not make a slow talker of us.
    opened.script("""
        const [field, form] = ['#message-text', '#composer'].map(at => document.querySelector(at));
        for (const text of arguments[0]) {
          field.value = text;
          form.requestSubmit();
        }""", texts)
    wait_for_countdown(opened, "#outgoing", "Sending in")
    opened.wait_texts(*texts)
    assert opened.outgoing() == []


@pytest.mark.parametrize("typed, answer", [
    ("twelve", "Numbers only"),
    ("", "Enter the number"),
    ("0", "User numbers start at 1"),
    ("999999", "There is nobody with one of these numbers"),
])
def test_numbers_that_make_no_conversation_are_explained(server, window, typed, answer):
    opened = window()
    opened.enter_as(people.sign_up(server))
    opened.type("#member-numbers", typed + Keys.ENTER)
    opened.wait_text("#member-numbers-error", answer)
    assert opened.find("#member-numbers").get_attribute("aria-invalid") == "true"


def test_the_own_number_makes_no_conversation_and_can_be_copied(server, window):
    person = people.sign_up(server)
    opened = window()
    opened.enter_as(person)
    opened.type("#member-numbers", f"{person.id}" + Keys.ENTER)
    opened.wait_text("#member-numbers-error", "That is your own number")
    opened.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    opened.click("#copy-number")
    opened.wait_text("#notices", f"Your number is {person.id}")
    copied = opened.driver.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], String)")
    assert copied == str(person.id)


def test_several_numbers_make_a_group(server, window):
    a, b, c = (people.sign_up(server) for _ in range(3))
    opened = window()
    opened.enter_as(a)
    opened.type("#member-numbers", f"{b.id}, {c.id}" + Keys.ENTER)
    opened.wait_text("#conversation-title", f"User {b.id} and User {c.id}")
