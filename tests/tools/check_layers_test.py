"""check_layers.py finds each kind of forbidden include, and only those."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from check_layers import Check  # noqa: E402  pylint: disable=wrong-import-position

TREE = {
    "src/base/CMakeLists.txt": "layer(base\n  SOURCES log.cpp\n  HEADERS fmt)\n",
    "src/base/log.hpp": "#pragma once\n#include <string>\n",
    "src/base/log.cpp": '#include "base/log.hpp"\n#include <fmt/format.h>\n#include <sys/stat.h>\n',
    "src/chat/CMakeLists.txt": "layer(chat SOURCES event.cpp DEPENDS base)\n",
    "src/chat/event.cpp": '#include "base/log.hpp"\n',
    "src/wire/CMakeLists.txt": "layer(wire SOURCES frame.cpp DEPENDS base chat)\n",
    "src/wire/frame.cpp": '#include "chat/event.hpp"\n',
    "src/http/CMakeLists.txt": "layer(http SOURCES connection.cpp DEPENDS base wire\n"
                               "  HEADERS boost/asio boost/beast)\n",
    "src/http/connection.cpp": "#include <boost/beast/http.hpp>\n#include <boost/asio.hpp>\n",
    "src/ws/CMakeLists.txt": "layer(ws SOURCES session.cpp DEPENDS base http)\n",
    "src/ws/session.cpp": '#include "http/upgrade.hpp"\n',
}


def problems(folder, changes):
    for name, text in {**TREE, **changes}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Check(folder).run()


def test_a_tree_that_follows_the_arrows_has_no_problems(tmp_path):
    assert problems(tmp_path, {}) == []


BAD = {
    "an arrow that points outward": (
        {"src/base/log.cpp": '#include "base/log.hpp"\n#include "chat/event.hpp"\n'},
        'src/base/log.cpp:2: base may not include "chat/event.hpp"'),
    "a declared dependency without an arrow": (
        {"src/chat/CMakeLists.txt": "layer(chat SOURCES event.cpp DEPENDS base wire)\n"},
        "chat DEPENDS wire, but no arrow leads there"),
    "an undeclared dependency": (
        {"src/wire/frame.cpp": '#include "auth/token.hpp"\n', "src/auth/CMakeLists.txt":
         "layer(auth SOURCES DEPENDS base)\n"}, "auth is not among its DEPENDS"),
    "another header of http in ws": (
        {"src/ws/session.cpp": '#include "http/router.hpp"\n'},
        "ws may take only http/upgrade.hpp"),
    "an undeclared library": (
        {"src/chat/event.cpp": "#include <fmt/format.h>\n"},
        "<fmt/format.h> has no prefix among the HEADERS of chat"),
    "a library with a longer name than the declared one": (
        {"src/base/log.cpp": '#include "base/log.hpp"\n#include <fmtx/format.h>\n'},
        "<fmtx/format.h> has no prefix"),
    "Beast in a header": (
        {"src/http/connection.hpp": "#include <boost/beast/core.hpp>\n",
         "src/http/connection.cpp": '#include "http/connection.hpp"\n'},
        "<boost/beast/core.hpp> belongs only in files like"),
    "an include relative to its folder": (
        {"src/chat/event.cpp": '#include "event.hpp"\n'}, "write it from src/ on"),
    "a file that nobody builds": (
        {"src/chat/orphan.cpp": "\n"}, "src/chat/orphan.cpp:0: not in the SOURCES"),
    "a layer that nobody declared": (
        {"src/extra/thing.cpp": "\n"}, "no layer(extra …)"),
    "another header before the own one": (
        {"src/base/log.cpp": '#include <string>\n#include "base/log.hpp"\n'},
        'the first include must be its own header "base/log.hpp"'),
}


@pytest.mark.parametrize("changes, message", BAD.values(), ids=BAD.keys())
def test_it_finds(tmp_path, changes, message):
    found = problems(tmp_path, changes)
    assert len(found) == 1, found
    assert message in found[0]
