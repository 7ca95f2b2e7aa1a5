"""Two people in two windows: from sign-up to a conversation, and through whatever happens to the
server in between."""
import json

import pytest
from selenium.webdriver.common.keys import Keys

import people

NASTY = ("<img src=x onerror=\"document.title='owned'\"><b>bold</b> &amp; </li></ol><script>"
         "document.title='owned'</script>")


@pytest.fixture
def pair(server, window):
    """(window of a, window of b, conversation): both have it open and are live."""
    a, b = people.sign_up(server), people.sign_up(server)
    conversation = people.create_conversation(server, a, b)
    windows = window(), window()
    for opened, person in zip(windows, (a, b)):
        opened.enter_as(person, f"/#/{conversation}")
        opened.wait_line()
    return *windows, conversation


def fill(server, person, conversation, count):
    """Puts `count` messages "line 1" … into a conversation."""
    socket, _ = people.enter(server, person, conversation)
    for number in range(1, count + 1):
        socket.say(f"line {number}")
    for _ in range(count):
        socket.json()
    socket.close()


def test_two_windows_sign_up_swap_numbers_and_talk(window):
    ada, grace = window(), window()
    ada_number = ada.sign_up("ada@example.com")
    grace_number = grace.sign_up("grace@example.com", "Grace", "Hopper")
    assert ada_number != grace_number

    ada.type("#member-numbers", f"{grace_number}" + Keys.ENTER)
    ada.wait_line()
    assert ada.text("#conversation-title") == f"User {grace_number}"
    ada.say("Hello Grace")
    ada.wait_texts("Hello Grace")

    grace.forget_last_list()
    grace.until(lambda: "New" in grace.text("#conversation-list"), "the conversation is new")
    grace.click("#conversation-list a")
    grace.wait_texts("Hello Grace")
    assert grace.text("#conversation-title") == f"User {ada_number}"
    grace.say("Hello Ada")
    for opened in (ada, grace):
        opened.wait_texts("Hello Grace", "Hello Ada")
        opened.until(lambda opened=opened: opened.outgoing() == [], "nothing is left to send")
        assert [number for number, _ in opened.messages()] == [1, 2]


def test_a_conversation_that_somebody_else_started_comes_with_the_focus(server, window):
    a, b = people.sign_up(server), people.sign_up(server)
    opened = window()
    opened.enter_as(b)
    opened.wait_text("#list-state", "None yet")
    people.create_conversation(server, a, b)
    opened.forget_last_list()
    opened.wait_shown("#conversation-list a")


def test_text_stays_text(pair):
    a, b, _ = pair
    a.say(NASTY)
    b.wait_texts(NASTY)
    assert a.texts() == [NASTY]
    for opened in (a, b):
        assert opened.all("#talk img, #talk script, #log b") == []
        assert opened.script("return document.title") == "Banter"


def test_several_lines_and_scripts_of_the_world_arrive_as_written(pair):
    a, b, _ = pair
    text = "first line\n\n  indented\nשלום עולם\n日本語"
    a.paste("#message-text", text)
    a.press(Keys.ENTER)
    b.wait_texts(text)


def test_a_message_is_never_seen_twice_while_it_becomes_stored(pair):
    a, b, _ = pair
    a.script("""
        window.most = 0;
        new MutationObserver(() => {
          const seen = [...document.querySelectorAll('#scroller .text')]
              .filter(node => node.textContent === 'just once').length;
          window.most = Math.max(window.most, seen);
        }).observe(document.querySelector('#scroller'), {childList: true, subtree: true});
        """)
    a.say("just once")
    a.until(lambda: a.texts() == ["just once"] and a.outgoing() == [], "it is stored")
    assert a.script("return window.most") == 1
    b.wait_texts("just once")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_is_written_while_the_server_is_away_arrives_exactly_once(server, pair, end):
    a, b, _ = pair
    a.say("before")
    b.wait_texts("before")
    getattr(server, end)()
    for opened in (a, b):
        opened.until(lambda opened=opened: opened.line() != "live", "the break is noticed")
    a.say("while away")
    b.say("here too")
    a.wait_shown("#trouble")
    assert a.outgoing() == [("waiting", "while away")]
    assert a.texts() == ["before"]

    server.start()
    for opened in (a, b):
        opened.wait_line()
        opened.until(lambda opened=opened: len(opened.texts()) == 3, "all three are there")
        opened.until(lambda opened=opened: opened.outgoing() == [], "nothing is left to send")
        assert not opened.shown("#trouble")
    assert a.messages() == b.messages()
    assert sorted(a.texts()) == ["before", "here too", "while away"]

    a.say("after")
    b.until(lambda: b.texts()[-1] == "after", "talking goes on")
    assert [number for number, _ in b.messages()] == [1, 2, 3, 4]


def test_an_unsent_message_survives_closing_the_page(server, pair):
    a, b, conversation = pair
    server.kill()
    a.until(lambda: a.line() != "live", "the break is noticed")
    a.say("one")
    a.say("two")
    a.until(lambda: len(a.outgoing()) == 2, "both wait")
    a.driver.get("about:blank")
    server.start()
    a.open(f"/#/{conversation}")
    a.wait_texts("one", "two")
    b.wait_texts("one", "two")


def test_scrolling_back_reads_older_messages_and_keeps_the_place(server, window):
    a, b = people.sign_up(server), people.sign_up(server)
    conversation = people.create_conversation(server, a, b)
    fill(server, a, conversation, 230)
    opened = window()
    opened.enter_as(b, f"/#/{conversation}")
    opened.until(lambda: len(opened.messages()) == 50, "the last 50 are shown")
    assert opened.messages()[-1] == (230, "line 230")
    at_end = ("const box = document.querySelector('#scroller');"
              "return box.scrollHeight - box.scrollTop - box.clientHeight")
    assert opened.script(at_end) < 2

    top_of = "return document.querySelector('[data-seq=\"181\"]').getBoundingClientRect().top"
    opened.script("document.querySelector('#scroller').scrollTop = 40")
    before = opened.script(top_of)
    opened.until(lambda: len(opened.messages()) == 150, "a page of 100 more is there")
    assert abs(opened.script(top_of) - before) < 60
    opened.until(lambda: opened.scroll_to_top() or len(opened.messages()) == 230, "all are there")
    assert [number for number, _ in opened.messages()] == list(range(1, 231))
    opened.wait_text("#older-words", "where it began")

    # A reader further up is not moved by what arrives; a button tells of it.
    place = "return document.querySelector('#scroller').scrollTop"
    before = opened.script(place)
    socket, _ = people.enter(server, a, conversation)
    socket.say("news")
    opened.wait_text("#newest", "1 new message")
    assert opened.script(place) == before
    opened.click("#newest")
    assert opened.script(at_end) < 2
    socket.close()


def test_a_text_over_the_limit_is_refused_before_it_is_sent(pair):
    a, b, _ = pair
    a.paste("#message-text", "ü" * 4097)
    a.wait_text("#composer-error", "Too long by 2 bytes")
    a.press(Keys.ENTER)
    assert a.outgoing() == []
    a.find("#message-text").send_keys(Keys.BACKSPACE)
    a.wait_text("#composer-error", "Room for 0 bytes")
    a.press(Keys.ENTER)
    b.wait_texts("ü" * 4096)


def test_an_expired_token_is_replaced_without_a_word(server, window):
    person, other = people.sign_up(server), people.sign_up(server)
    conversation = people.create_conversation(server, person, other)
    expired = people.Person(person.id, person.email,
                            people.access_token(person.id, seconds=-60))
    opened = window()
    opened.enter_as(expired, f"/#/{conversation}")
    opened.wait_line()
    kept = opened.script("return localStorage.getItem('banter.accounts')")
    assert json.loads(kept)[str(person.id)]["access"] != expired.token
    # Ahead of the handshake, not after it was refused.
    assert opened.complaints() == []


def test_tokens_that_the_server_no_longer_knows_lead_to_the_door(server, window):
    person = people.sign_up(server)
    stale = people.Person(person.id, person.email, people.sign({"exp": 1, "user_id": 1}))
    opened = window()
    opened.enter_as(stale, refresh=people.sign({"exp": 1, "user_id": 1}))
    opened.wait_text("#door-notice", "Your session has ended")
    assert opened.find("#log-in-email").get_attribute("value") == person.email


def test_a_conversation_of_others_says_so_and_takes_no_text(server, window):
    a, b, stranger = (people.sign_up(server) for _ in range(3))
    conversation = people.create_conversation(server, a, b)
    opened = window()
    opened.enter_as(stranger, f"/#/{conversation}")
    opened.wait_text("#trouble", "You are not in this conversation")
    assert not opened.shown("#composer")


def test_a_removed_member_and_a_deactivated_user_are_told(server, pair):
    a, b, conversation = pair
    b_number, a_number = b.number(), a.number()
    server.admin("conversation", "members", conversation, "remove", b_number)
    b.wait_text("#trouble", "You were removed from this conversation")
    email = json.loads(a.script("return localStorage.getItem('banter.accounts')"))
    server.admin("user", "deactivate", email[str(a_number)]["email"])
    a.wait_text("#door-notice", "can no longer be used")


def test_two_accounts_share_a_browser_each_in_its_window(server, window):
    a, b = people.sign_up(server, "first"), people.sign_up(server, "second")
    opened = window()
    opened.enter_as(a)
    first = opened.driver.current_window_handle
    opened.driver.switch_to.new_window("tab")
    opened.open()
    assert opened.number() == a.id
    opened.click("#account-menu summary")
    opened.click("#use-another")
    opened.type("#log-in-email", b.email)
    opened.type("#log-in-password", people.PASSWORD + Keys.ENTER)
    assert opened.number() == b.id
    opened.click("#account-menu summary")
    opened.click("#log-out")
    opened.wait_text("#known-accounts", a.email)
    opened.driver.switch_to.window(first)
    opened.driver.refresh()
    assert opened.number() == a.id


def test_logging_out_forgets_the_tokens(server, window):
    opened = window()
    opened.enter_as(people.sign_up(server))
    opened.click("#account-menu summary")
    opened.click("#log-out")
    opened.wait_shown("#sign-up-form")
    kept = opened.script("return JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "eyJ" not in kept
