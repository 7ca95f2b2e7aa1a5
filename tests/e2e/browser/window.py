"""One Chromium window with the page in it, driven as a person would: find, type, press, wait."""
import json
import time

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from people import PASSWORD, access_token
from waiting import FACTOR

WAIT_SECONDS = 20 * FACTOR
# The window of a laptop, and of a small phone (the narrowest still sold).
DESKTOP = (1280, 800)
PHONE = (360, 740)

# Chromium keeps calling home unless told not to; tests talk to loopback only.
QUIET = (
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
    "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-domain-reliability",
    "--disable-sync", "--disable-extensions", "--disable-client-side-phishing-detection",
    # A window without the focus would run at the lowest priority and stand still on a busy machine.
    "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
    "--metrics-recording-only", "--no-pings", "--password-store=basic", "--lang=en-US",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,"
    "InterestFeedContentSuggestions,CertificateTransparencyComponentUpdater",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

# What a browser reports by itself when a server is away or says no; the page deals with it.
# (The icon is fetched late, maybe after a test has stopped its server.)
NETWORK = ("net::ERR_", "WebSocket connection to", "the server responded with a status of",
           "following icon from the Manifest")


class Window:
    """A browser of its own (profile, storage), so two windows are two people."""

    def __init__(self, url=""):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in QUIET:
            options.add_argument(flag)
        options.add_argument(f"--window-size={DESKTOP[0]},{DESKTOP[1]}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_script_timeout(WAIT_SECONDS)
        self.url = url
        self.console = []
        self.resize(*DESKTOP)

    def begin(self, url, size=DESKTOP):
        """A new test, with a server (and so an origin and storage) of its own."""
        self.url = url
        self.console = []
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.resize(*size)

    def end(self):
        """Leaves the pages of a test; returns what they complained about."""
        complaints = self.complaints(*NETWORK)
        first, *others = self.driver.window_handles
        for handle in others:
            self.driver.switch_to.window(handle)
            self.driver.close()
        self.driver.switch_to.window(first)
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd(
            "Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "all"})
        return complaints

    def quit(self):
        """Ends the browser."""
        self.driver.quit()

    # ------------------------------------------------------------ looking

    def open(self, path="/"):
        """Loads a page and waits until its modules have run."""
        self.driver.get(self.url + path)
        if path.startswith("/wsdemo"):
            return
        self.until(lambda: self.shown("#sign-in") or self.shown("#chat"), "the page has started")

    def until(self, condition, what):
        """The first true value of condition(); elements that vanish meanwhile count as not yet."""
        gone = (NoSuchElementException, StaleElementReferenceException)
        waiting = WebDriverWait(self.driver, WAIT_SECONDS, 0.05, ignored_exceptions=gone)
        return waiting.until(lambda _: condition(), f"still not so: {what}")

    def all(self, selector):
        """Every element that matches."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def find(self, selector):
        """The one element that matches."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def shown(self, selector):
        """Whether an element matches and is displayed."""
        return self.script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".some(node => node.checkVisibility({visibilityProperty: true}))", selector)

    def text(self, selector):
        """What a person reads there."""
        return self.find(selector).text

    def script(self, code, *arguments):
        """Runs JavaScript in the page."""
        return self.driver.execute_script(code, *arguments)

    def wait_shown(self, selector):
        """Waits for it and returns it."""
        self.until(lambda: self.shown(selector), f"{selector} is shown")
        return self.find(selector)

    def wait_text(self, selector, part):
        """Waits until the text there holds `part`."""
        self.until(lambda: part in self.text(selector), f"{selector} says {part!r}")

    def focused(self):
        """The id of the element that has the keyboard."""
        return self.script("return document.activeElement?.id ?? ''")

    # ------------------------------------------------------------ doing

    def type(self, selector, text):
        """Replaces what is in a field."""
        field = self.wait_shown(selector)
        field.clear()
        field.send_keys(text)

    def paste(self, selector, text):
        """Puts a long or many-lined text into a field at once."""
        self.wait_shown(selector).click()
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def click(self, selector):
        """Clicks when it is there."""
        self.wait_shown(selector).click()

    def press(self, *keys):
        """Presses keys wherever the keyboard is."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def resize(self, width, height, scale=1, phone=False):
        """The size of the page itself: headless windows have a smallest width, this has none."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone})

    def colours(self, scheme):
        """What the system prefers: "light" or "dark"."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def picture(self, path):
        """Saves what is seen."""
        self.driver.save_screenshot(str(path))

    # ------------------------------------------------------------ the page's own things

    def sign_up(self, email, first="Ada", last="Byron"):
        """Through the form, from a fresh window; returns the user's number."""
        self.open()
        for name, value in (("first-name", first), ("last-name", last), ("email", email),
                            ("password", PASSWORD)):
            self.type(f"#sign-up-{name}", value)
        self.press(Keys.ENTER)
        return self.number()

    def enter_as(self, person, path="/", refresh=None):
        """As if this person had logged in here before."""
        # Any small thing of the same origin will do to reach its storage.
        self.driver.get(self.url + "/assets/favicon.svg")
        accounts = {str(person.id): {
            "id": person.id, "email": person.email, "access": person.token,
            "refresh": refresh or access_token(person.id, token_type="refresh", seconds=86400)}}
        self.script(
            "localStorage.setItem('banter.accounts', arguments[0]);"
            "localStorage.setItem('banter.newest', arguments[1]);"
            "sessionStorage.setItem('banter.user', arguments[1]);",
            json.dumps(accounts), str(person.id))
        self.open(path)
        if refresh is None:
            self.wait_shown("#chat")

    def forget_last_list(self):
        """As if the list was last asked for long ago, and somebody comes back to the window."""
        self.script(
            "const user = sessionStorage.getItem('banter.user');"
            "const key = `banter.list.${user}`;"
            "const {ids} = JSON.parse(localStorage.getItem(key));"
            "localStorage.setItem(key, JSON.stringify({at: 1, ids}));"
            "dispatchEvent(new Event('focus'));")

    def scroll_to_top(self):
        """Reads back as far as there is something to read; gives nothing."""
        self.script("document.querySelector('#scroller').scrollTop = 0")

    def number(self):
        """The own number on display."""
        self.wait_shown("#own-number")
        self.until(lambda: self.text("#own-number").isdigit(), "the own number is shown")
        return int(self.text("#own-number"))

    def line(self):
        """The state of the connection."""
        return self.find("#line").get_attribute("data-state")

    def wait_line(self, state="live"):
        """Waits for a state of the connection."""
        self.until(lambda: self.line() == state, f"the line is {state}")

    def say(self, text):
        """Writes a message and presses Enter."""
        self.type("#message-text", text)
        self.find("#message-text").send_keys(Keys.ENTER)

    def messages(self):
        """The stored messages on display, as (number, text), in order."""
        return [tuple(row) for row in self.script(
            "return [...document.querySelectorAll('#messages .message')]"
            ".map(row => [Number(row.dataset.seq), row.querySelector('.text').textContent])")]

    def texts(self):
        """Their texts."""
        return [text for _, text in self.messages()]

    def outgoing(self):
        """What is on display below them as not delivered yet, as (state, text)."""
        return [tuple(row) for row in self.script(
            "return [...document.querySelectorAll('#outgoing .message')]"
            ".map(row => [row.dataset.state, row.querySelector('.text').textContent])")]

    def wait_texts(self, *texts):
        """Waits until exactly these messages are on display."""
        self.until(lambda: self.texts() == list(texts), f"the messages are {texts}")

    def complaints(self, *expected):
        """Errors and warnings on the console since the last call, without the expected ones."""
        entries = self.driver.get_log("browser")
        self.console += entries
        return [entry["message"] for entry in entries
                if entry["level"] in ("SEVERE", "WARNING")
                and not any(part in entry["message"] for part in expected)]
