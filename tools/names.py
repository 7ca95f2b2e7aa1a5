#!/usr/bin/python3
"""clang-tidy (the checks of .clang-tidy) on every file that changed since it last passed.

Needs build/release/compile_commands.json and its finished build: what a file includes comes from
ninja's dependency log. What passed is kept in build/names-cache.json.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "release"
CACHE = ROOT / "build" / "names-cache.json"
OWN = ("src/", "tests/", "bench/")


def project_files():
    """{source: everything of the project that it includes}, by ninja's dependency log."""
    listed = subprocess.run(["ninja", "-C", str(BUILD), "-t", "deps"], capture_output=True,
                            text=True, check=True).stdout
    files = {}
    for block in listed.split("\n\n"):
        paths = []
        for line in block.splitlines()[1:]:
            path = (BUILD / line.strip()).resolve()
            if path.is_relative_to(ROOT) and path.relative_to(ROOT).as_posix().startswith(OWN):
                paths.append(path)
        if paths and paths[0].suffix == ".cpp":
            files[paths[0]] = paths
    compiled = {pathlib.Path(entry["file"]) for entry in
                json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))}
    return {source: paths for source, paths in files.items() if source in compiled}


def key_of(paths):
    """A digest of the configuration and of these files."""
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    for path in sorted(paths):
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def check(source):
    """clang-tidy on one file: (source, passed, what it said)."""
    done = subprocess.run(["clang-tidy-19", "--quiet", "-p", str(BUILD), str(source)],
                          capture_output=True, text=True, check=False, cwd=ROOT)
    said = "\n".join(line for line in done.stdout.splitlines()
                     if re.search(r"(error|warning):", line))
    return source, done.returncode == 0, said or done.stderr


def main():
    """Checks what changed; exit status 1 if something is named wrongly."""
    cache = json.loads(CACHE.read_text(encoding="utf-8")) if CACHE.exists() else {}
    files = project_files()
    keys = {source: key_of(paths) for source, paths in files.items()}
    changed = [s for s in files if cache.get(str(s.relative_to(ROOT))) != keys[s]]
    print(f"names: {len(changed)} of {len(files)} files changed since they last passed", flush=True)
    failed, told = set(), set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, passed, said in pool.map(check, sorted(changed)):
            name = str(source.relative_to(ROOT))
            if passed:
                cache[name] = keys[source]
            else:
                failed.add(name)
                # What is wrong in a header is found again in every file that includes it.
                fresh = [line for line in said.splitlines() if line not in told]
                told.update(fresh)
                print("\n".join([f"in {name}:", *fresh]), flush=True)
            CACHE.write_text(json.dumps(cache, indent=1, sort_keys=True), encoding="utf-8")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
