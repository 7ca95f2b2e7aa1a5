#!/usr/bin/python3
"""One pass over the tracked files: lengths, white space, words and names that the project refuses.

Each message names the remedy. A file of code over 300 lines is a warning, over 400 an error; what
else is found is an error. Usage: tidy.py [ROOT]
"""
import pathlib
import re
import subprocess
import sys

from testing.function_length import long_functions

LINE_MAX = 100
FILE_WARN, FILE_MAX = 300, 400
FUNCTION_MAX = 60
CODE = {".cpp", ".hpp", ".js", ".py"}
WIDE = CODE | {".cmake", ".sh", ".css"}  # where the line length holds; prose and data are free
TEXT = WIDE | {".html", ".md", ".sql", ".toml", ".yml", ".yaml", ".ini", ".service", ".cfg", ".txt"}
RECORDED = re.compile(r"tests/(fuzz|e2e/contract)/.*(corpus|\.json)")  # data, kept to the byte

# Written apart, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")
EMPTY_NAMES = re.compile(r"(^|[_-])(util|utils|helper|helpers|manager|misc|common)([_.-]|$)")
SLEEPS = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|asyncio\.sleep)\b")
SKIPS = re.compile(r"\bGTEST_" r"SKIP\b|\bDIS" r"ABLED_|\bx" r"fail\b"
                   r"|\bpytest\.sk" r"ip\b|mark\.sk" r"ip")
POLLING = "tests/e2e/waiting.py"  # the one place where a test may pause: between two looks


class Tidy:
    """Collects what is wrong in one tree."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.errors, self.warnings = [], []

    def run(self, names):
        """Looks at these files, given relative to the root."""
        for name in names:
            path = self.root / name
            if not path.is_file() or RECORDED.match(name):
                continue
            self._name(name)
            if path.suffix not in TEXT and path.name not in ("run", "test", "CMakeLists.txt"):
                continue
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                self._error(name, 0, "not UTF-8: convert it")
                continue
            self._text(name, path.suffix, text)
            if path.suffix in CODE:
                self._code(name, path.suffix, text)

    def _error(self, name, line, what):
        self.errors.append(f"{name}:{line}: {what}")

    def _name(self, name):
        for part in pathlib.PurePath(name).parts:
            if EMPTY_NAMES.search(part.lower()):
                self._error(name, 0, f"the name {part} says nothing: call it after what it is")

    def _text(self, name, suffix, text):
        lines = text.split("\n")
        if text and lines[-1] != "":
            self._error(name, len(lines), "no newline at the end: add one")
        for number, line in enumerate(lines, 1):
            if line != line.rstrip():
                self._error(name, number, "white space at the end: remove it")
            if "\t" in line:
                self._error(name, number, "a tab: use spaces")
            if suffix in WIDE and len(line) > LINE_MAX:
                self._error(name, number, f"{len(line)} columns: break it at {LINE_MAX}")
            if UNFINISHED.search(line):
                self._error(name, number, "an unfinished thought: finish it")

    def _code(self, name, suffix, text):
        lines = text.count("\n")
        if lines > FILE_MAX:
            self._error(name, lines, f"{lines} lines: split it by nouns (at most {FILE_MAX})")
        elif lines > FILE_WARN:
            self.warnings.append(f"{name}: {lines} lines; the aim is {FILE_WARN}")
        for line, function, length in long_functions(suffix, text):
            if length > FUNCTION_MAX:
                self._error(name, line, f"{function} has {length} lines: take parts out of it that "
                                        f"have a name (at most {FUNCTION_MAX})")
        self._header(name, suffix, text)
        if name.startswith("tests/"):
            self._test(name, text)

    def _header(self, name, suffix, text):
        if suffix == ".hpp" and "#pragma once" not in text:
            self._error(name, 1, "no #pragma once: add it")
        opening = {".hpp": r"(#pragma once\s+)?//", ".js": r"(//|/\*)", ".py": r'(#!.*\n)?"""'}
        if suffix in opening and not re.match(opening[suffix], text):
            self._error(name, 1, "no opening comment: say what it is and what it does not do")

    def _test(self, name, text):
        for number, line in enumerate(text.split("\n"), 1):
            if SLEEPS.search(line) and name != POLLING:
                self._error(name, number, "a sleep: wait for the condition, with a deadline")
            if SKIPS.search(line) and not name.startswith("tests/tools/"):
                self._error(name, number, "a test that does not run: make it pass or remove it")


def tracked(root):
    """The files that git knows."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True,
                            text=True, check=True).stdout
    return [name for name in listed.split("\0") if name]


def main():
    """Prints every problem; exit status 1 if one is an error."""
    default = pathlib.Path(__file__).resolve().parents[1]
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    tidy = Tidy(root)
    names = tracked(root)
    tidy.run(names)
    for warning in tidy.warnings:
        print("warning: " + warning)
    print("\n".join(tidy.errors) if tidy.errors else f"tidy: {len(names)} files")
    return 1 if tidy.errors else 0


if __name__ == "__main__":
    sys.exit(main())
