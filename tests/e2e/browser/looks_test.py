"""Usable by everybody: on a phone, by keyboard, by screen reader, in the dark."""
import pathlib

import pytest
from selenium.webdriver.common.keys import Keys

import people
from window import PHONE

# Lists what has less contrast than WCAG AA asks for: [[ratio, text], …].
CONTRAST = pathlib.Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


@pytest.fixture
def chat(server, window):
    """(window, server, conversation) with a few messages of both sides on display."""
    a, b = people.sign_up(server), people.sign_up(server)
    conversation = people.create_conversation(server, a, b)
    opened = window()
    opened.enter_as(a, f"/#/{conversation}")
    opened.wait_line()
    socket, _ = people.enter(server, b, conversation)
    socket.say("from the other side")
    opened.say("from this side")
    opened.say("W" + "o" * 300 + "w")
    opened.until(lambda: len(opened.texts()) == 3, "all are there")
    socket.close()
    return opened, server, conversation


def assert_no_sideways(window):
    """Nothing is wider than the screen."""
    assert window.script(
        "return [document.documentElement.scrollWidth <= innerWidth,"
        " [...document.querySelectorAll('body *')].filter(node => node.checkVisibility()"
        " && !node.closest('.unseen, .symbols, .skip')"
        " && getComputedStyle(node).clipPath === 'none'"
        " && !node.parentElement.closest('[class*=author],[class*=meta]')"
        " && node.getBoundingClientRect().right > innerWidth + 1).map(node => node.outerHTML)]"
    ) == [True, []]


def test_a_phone_never_scrolls_sideways(chat):
    opened, server, conversation = chat
    opened.resize(*PHONE, 2, True)
    opened.until(lambda: not opened.shown(".sidebar"), "one pane at a time")
    assert_no_sideways(opened)
    opened.click("#back")
    opened.until(lambda: opened.shown(".sidebar") and not opened.shown("#talk"), "the list is back")
    assert_no_sideways(opened)
    opened.click(f"#conversation-list a[data-id='{conversation}']")
    opened.wait_shown("#talk")
    server.kill()
    opened.say("unsent")
    opened.wait_shown("#trouble")
    assert_no_sideways(opened)
    # The field to write in stays within the screen.
    assert opened.script("return document.querySelector('#composer').getBoundingClientRect().bottom"
                         " <= innerHeight")


@pytest.mark.parametrize("path", ["/", "/wsdemo/"])
def test_the_door_and_the_playground_fit_a_phone(window, path):
    opened = window(size=PHONE)
    opened.open(path)
    assert_no_sideways(opened)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_in_either_light(chat, window, scheme):
    opened, server, _ = chat
    door = window()
    door.colours(scheme)
    door.open()
    assert door.script(CONTRAST) == []
    door.open("/wsdemo/")
    assert door.script(CONTRAST) == []

    opened.colours(scheme)
    brightness = opened.script(
        "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (max(brightness) < 60) == (scheme == "dark")
    assert opened.script(CONTRAST) == []
    server.kill()
    opened.say("unsent")
    opened.wait_shown("#trouble")
    opened.until(lambda: opened.script(
        "return document.getAnimations().every(a => a.playState !== 'running')"), "all is still")
    assert opened.script(CONTRAST) == []


def test_everything_can_be_done_by_keyboard(server, window):
    other = people.sign_up(server)
    opened = window()
    opened.open()
    assert opened.focused() == "sign-up-first-name"
    opened.press("Ada", Keys.TAB)
    opened.press("Byron", Keys.TAB)
    opened.press("ada@example.com", Keys.TAB)
    opened.press(people.PASSWORD, Keys.ENTER)
    opened.wait_shown("#chat")
    opened.until(lambda: opened.focused() == "member-numbers", "the keyboard is where to go on")
    opened.press(str(other.id), Keys.ENTER)
    opened.until(lambda: opened.focused() == "message-text", "writing can begin")
    opened.wait_line()
    opened.press("one", Keys.SHIFT + Keys.ENTER)
    opened.press(Keys.SHIFT + Keys.NULL + "two", Keys.ENTER)
    opened.wait_texts("one\ntwo")

    # Back to the list and in again, every stop visible.
    visited = []
    for _ in range(30):
        opened.press(Keys.SHIFT + Keys.TAB)
        active = opened.driver.switch_to.active_element
        visited.append(active.get_attribute("id") or active.get_attribute("data-id"))
        outlined = opened.script(
            "const style = getComputedStyle(document.activeElement);"
            "return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2")
        assert outlined, f"{visited[-1]} does not show that it has the keyboard"
        if visited[-1] == "skip":
            break
    assert {"scroller", "1", "member-numbers", "copy-number", "skip"} <= set(visited)
    assert opened.find("#skip").rect["y"] >= 0
    opened.press(Keys.ENTER)
    assert opened.focused() == "message-text"
    assert opened.script("return location.hash") == "#/1"


def test_the_menu_opens_and_closes_by_keyboard(chat):
    opened, _, _ = chat
    opened.script("document.querySelector('#account-menu summary').focus()")
    opened.press(Keys.ENTER)
    opened.wait_shown("#log-out")
    opened.press(Keys.TAB)
    assert opened.focused() == "use-another"
    opened.press(Keys.ESCAPE)
    assert not opened.shown("#log-out")


def names_by_role(window):
    """What a screen reader finds: {role: [name, …]} of the accessibility tree."""
    nodes = window.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    found = {}
    for node in nodes:
        if not node.get("ignored"):
            role = node.get("role", {}).get("value", "")
            found.setdefault(role, []).append(node.get("name", {}).get("value", ""))
    return found


def test_a_screen_reader_finds_its_way(chat):
    opened, _, _ = chat
    found = names_by_role(opened)
    for role in ("button", "link", "textbox", "navigation", "complementary", "region", "log"):
        assert found.get(role), f"there is no {role}"
        assert all(found[role]), f"a {role} has no name: {found[role]}"
    assert len(found["main"]) == 1
    assert found["log"] == ["Messages"]
    assert {"Message", "Start a conversation"} <= set(found["textbox"])
    log = opened.find("#log")
    assert log.get_attribute("aria-live") == "polite"
    # Who, what, when, and that it is stored, also where the eye sees a group.
    own = opened.script("return [...document.querySelectorAll('#messages .own')].map(row =>"
                        " row.textContent)")
    assert all(row.startswith("You") and row.endswith("stored") for row in own) and len(own) == 2
    assert opened.script("return document.querySelector('#line').getAttribute('role')") == "status"


def test_the_door_has_names_for_everything(window):
    opened = window()
    opened.open()
    found = names_by_role(opened)
    assert {"First name", "Last name", "E-mail", "Password"} <= set(found["textbox"])
    assert all(found["button"]) and len(found["main"]) == 1


def test_who_wants_no_motion_gets_none(chat):
    opened, _, _ = chat
    opened.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    opened.say("still")
    opened.until(lambda: opened.texts()[-1] == "still", "it is there")
    assert opened.script(
        "return Math.max(0, ...[...document.querySelectorAll('*')].map(node =>"
        " parseFloat(getComputedStyle(node).animationDuration) || 0))") <= 0.001
