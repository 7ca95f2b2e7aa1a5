#!/usr/bin/python3
"""Compares every #include in src/ with what the layers may know.

A layer includes itself and the layers it DEPENDS on (src/<layer>/CMakeLists.txt), its DEPENDS stay
within the arrows of ARCHITECTURE.md, and a third-party header needs a prefix in its HEADERS. The
headers of the C++ library and of POSIX are free. Usage: check_layers.py [ROOT]
"""
import pathlib
import re
import sys

# The arrows of ARCHITECTURE.md. A layer may know less than this, never more.
ARROWS = {
    "base": set(),
    "chat": {"base"},
    "auth": {"base"},
    "wire": {"base", "chat", "auth"},
    "http": {"base", "chat", "auth", "wire"},
    "ws": {"base", "chat", "auth", "wire", "http"},
    "store": {"base", "chat", "auth"},
    "relay": {"base", "chat"},
    # What checks the server from outside shares no code with it that a bug could hide in.
    "verify": {"base"},
    "app": {"base", "chat", "auth", "wire", "http", "ws", "store", "relay", "verify"},
}
# A WebSocket begins as an HTTP request: the one header that ws may take from http.
ONLY_HEADERS = {("ws", "http"): {"http/upgrade.hpp"}}
# Beast costs 16 s of compile time a file; only the translation units of http pay it, and the two
# of verify that connect as clients, with the header that these share.
ONLY_FILES = {"boost/beast": re.compile(
    r"src/(http/[^/]+\.cpp|verify/drive/(http_call\.cpp|web_socket\.cpp|tcp_link\.hpp))$")}

POSIX_FOLDERS = ("sys/", "netinet/", "arpa/", "net/", "linux/")
POSIX = set("dirent.h dlfcn.h fcntl.h glob.h grp.h netdb.h poll.h pthread.h pwd.h sched.h signal.h "
            "spawn.h stdio.h stdlib.h syslog.h termios.h time.h unistd.h".split())
COMPILER = {"emmintrin.h", "immintrin.h"}  # vector instructions
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
DECLARATION = re.compile(r"^layer\(\s*(\w+)([^()]*)\)", re.MULTILINE)
KEYWORDS = ("SOURCES", "DEPENDS", "HEADERS", "LIBRARIES")


def parse_layers(root):
    """{layer: {keyword: [words]}} from the CMakeLists.txt of each folder of src/."""
    layers = {}
    for path in sorted((root / "src").glob("*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        for name, body in DECLARATION.findall(text):
            words, section = {key: [] for key in KEYWORDS}, None
            for word in body.split():
                if word in KEYWORDS:
                    section = word
                elif section:
                    words[section].append(word)
            layers[name] = words
    return layers


def is_standard(header):
    """Whether a header belongs to the C++ library, to POSIX or to the compiler."""
    return (re.fullmatch(r"[a-z_0-9]+", header) is not None
            or header in POSIX | COMPILER or header.startswith(POSIX_FOLDERS))


def has_prefix(header, prefixes):
    """boost/asio allows boost/asio.hpp and boost/asio/post.hpp, not boost/asiox.hpp."""
    return any(header == p or header.startswith((p + "/", p + ".")) for p in prefixes)


class Check:
    """Collects what is wrong as `file:line: what, and what to do`."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.layers = parse_layers(self.root)
        self.problems = []

    def run(self):
        """All problems of the tree."""
        for name, words in self.layers.items():
            self._declaration(name, words)
            for path in sorted((self.root / "src" / name).rglob("*")):
                if path.suffix in (".cpp", ".hpp"):
                    self._file(name, words, path)
        for folder in sorted((self.root / "src").iterdir()):
            has_code = folder.is_dir() and any(folder.rglob("*.[ch]pp"))
            if has_code and folder.name not in self.layers:
                self._say(folder, 0, f"no layer({folder.name} …) in its CMakeLists.txt: declare it")
        return self.problems

    def _say(self, path, line, what):
        self.problems.append(f"{path.relative_to(self.root)}:{line}: {what}")

    def _declaration(self, name, words):
        cmake = self.root / "src" / name / "CMakeLists.txt"
        if name not in ARROWS:
            self._say(cmake, 0, f"unknown layer {name}: draw its arrows in tools/check_layers.py")
            return
        for other in sorted(set(words["DEPENDS"]) - ARROWS[name]):
            self._say(cmake, 0, f"{name} DEPENDS {other}, but no arrow leads there: "
                                "turn the dependency round, or pass it in through a port")

    def _file(self, layer, words, path):
        relative = path.relative_to(self.root).as_posix()
        listing = (self.root / "src" / layer / "CMakeLists.txt").read_text(encoding="utf-8")
        if path.suffix == ".cpp" and path.name not in re.split(r"[\s/()]+", listing):
            self._say(path, 0, "not in the SOURCES of its layer: nobody builds it")
        first = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            quote, header = found.groups()
            first = first or header
            if quote == '"':
                self._own(layer, words, path, number, header)
            else:
                self._foreign(layer, words, path, number, header, relative)
        own = path.with_suffix(".hpp")
        expected = own.relative_to(self.root / "src").as_posix()
        if path.suffix == ".cpp" and own.exists() and first != expected:
            self._say(path, 1, f'the first include must be its own header "{expected}"')

    def _own(self, layer, words, path, number, header):
        target = header.split("/")[0]
        if "/" not in header or target not in self.layers:
            self._say(path, number, f'"{header}" is not <layer>/<file>: write it from src/ on')
        elif target != layer and target not in words["DEPENDS"]:
            self._say(path, number, f'{layer} may not include "{header}": '
                                    f"{target} is not among its DEPENDS")
        elif header not in ONLY_HEADERS.get((layer, target), {header}):
            allowed = ", ".join(sorted(ONLY_HEADERS[layer, target]))
            self._say(path, number, f'{layer} may take only {allowed} from {target}')

    def _foreign(self, layer, words, path, number, header, relative):
        if is_standard(header):
            return
        if not has_prefix(header, words["HEADERS"]):
            self._say(path, number, f"<{header}> has no prefix among the HEADERS of {layer}: "
                                    "declare it, or keep the library behind another layer")
        for prefix, files in ONLY_FILES.items():
            if has_prefix(header, [prefix]) and not files.search(relative):
                self._say(path, number, f"<{header}> belongs only in files like {files.pattern}")


def main():
    """Prints every problem; exit status 1 if there is one."""
    default = pathlib.Path(__file__).resolve().parents[1]
    problems = Check(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default).run()
    print("\n".join(problems) if problems else "layers: every include follows the arrows")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
