"""tidy.py finds each kind of untidiness, and leaves a tidy file alone."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from testing.function_length import long_functions  # noqa: E402
from tidy import Tidy  # noqa: E402

HEADER = "#pragma once\n// What it is.\n\nint f();\n"


def look(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    tidy = Tidy(folder)
    tidy.run([name])
    return tidy


def body(lines):
    return "int f(int a) {\n" + "  ++a;\n" * (lines - 2) + "}\n"


def test_a_tidy_file_has_no_problems(tmp_path):
    assert look(tmp_path, "src/base/log.hpp", HEADER).errors == []


BAD = {
    "an unfinished thought": ("src/a.cpp", "// TO" "DO later\n", "unfinished thought"),
    "white space at the end": ("src/a.cpp", "int a; \n", "white space"),
    "a tab": ("src/a.cpp", "\tint a;\n", "a tab"),
    "a line too long": ("src/a.cpp", "//" + "x" * 99 + "\n", "101 columns"),
    "no newline at the end": ("src/a.cpp", "int a;", "no newline"),
    "no pragma": ("src/a.hpp", "// What it is.\nint f();\n", "no #pragma once"),
    "no opening comment": ("src/a.hpp", "#pragma once\nint f();\n", "no opening comment"),
    "an empty name": ("src/base/string_utils.cpp", "int a;\n", "says nothing"),
    "a file too long": ("src/a.cpp", "int a;\n" * 401, "401 lines"),
    "a function too long": ("src/a.cpp", body(61), "f has 61 lines"),
    "a sleep in a test": ("tests/a_test.py", '"""T."""\ntime.sleep(1)\n', "a sleep"),
    "a test that does not run": ("tests/a_test.cpp", "  GTEST_" "SKIP();\n", "does not run"),
}


@pytest.mark.parametrize("name, text, message", BAD.values(), ids=BAD.keys())
def test_it_finds(tmp_path, name, text, message):
    found = look(tmp_path, name, text).errors
    assert len(found) == 1, found
    assert message in found[0]


def test_a_file_over_300_lines_is_a_warning(tmp_path):
    tidy = look(tmp_path, "src/a.cpp", "int a;\n" * 301)
    assert (len(tidy.errors), len(tidy.warnings)) == (0, 1)


@pytest.mark.parametrize("text, expected", [
    ("int f() {\n  return 1;\n}\n", [("f", 3)]),
    ("A::A(int b)\n    : b_(b) {\n  g();\n}\n", [("A::A", 3)]),
    ("namespace a {\nstruct B {\n  int c;\n};\n}\n", []),
    ("void f() {\n  if (a) {\n    b();\n  }\n}\n", [("f", 5)]),
    ('void f() {\n  g("{");\n  h(\'{\');\n}\n', [("f", 4)]),
    ("std::optional<int> f() const {\n}\n", [("f", 2)]),
    ("const int a[] = {\n  f(1),\n};\n", []),
], ids=["plain", "constructor", "no function", "inner braces", "quoted", "const", "a table"])
def test_function_lengths_of_cpp(text, expected):
    assert [(name, length) for _, name, length in long_functions(".cpp", text)] == expected


def test_function_lengths_of_javascript():
    text = "export function f(a) {\n  g(() => {\n    h();\n  });\n}\n"
    assert ("f", 5) in [(name, length) for _, name, length in long_functions(".js", text)]
