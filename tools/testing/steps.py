"""The steps of ./test, in the order in which they run: cheap ones first."""
import os
import shutil

from testing import junit
from testing.runner import ROOT, Step

CORES = os.cpu_count() or 1
SYMBOLIZER = shutil.which("llvm-symbolizer-19") or ""
SANITIZER_ENVIRONMENT = {
    "asan": {
        "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "ASAN_SYMBOLIZER_PATH": SYMBOLIZER,
        "BANTER_SEEDS": "100",  # of the simulation
    },
    "tsan": {
        "TSAN_OPTIONS": f"second_deadlock_stack=1:external_symbolizer_path={SYMBOLIZER}"
        f":suppressions={ROOT}/tools/tsan.supp",
    },
    "release": {},
    "defects": {},
}


def plain(*arguments):
    """A step that is one command and one case."""

    def run(context):
        context.case(os.path.basename(str(arguments[0])), context.command(*arguments) == 0)

    return run


def build(preset, *targets):
    """Configures and builds a preset with its tests, or only these targets of it."""

    def run(context):
        # The measuring tools with the release, so that they keep up with the code.
        bench = "ON" if preset == "release" else "OFF"
        status = context.command("cmake", "--preset", preset, "-DBANTER_TESTS=ON",
                                 f"-DBANTER_BENCH={bench}")
        if status == 0:
            status = context.command("ninja", "-C", f"build/{preset}", "-j", CORES, *targets)
        context.case(f"build of {preset}", status == 0)

    return run


def ctest(preset, *selection):
    """Unit and contract tests, or the corpora, of one preset."""

    def run(context):
        shutil.rmtree(context.folder, ignore_errors=True)
        context.folder.mkdir(parents=True)
        status = context.command(
            "ctest", "--test-dir", f"build/{preset}", "-j", CORES, "--output-on-failure",
            "--timeout", 300, "--output-junit", context.folder / "ctest.xml", *selection,
            environment={**SANITIZER_ENVIRONMENT[preset], "GTEST_OUTPUT": f"xml:{context.folder}/"},
        )
        junit.count_ctest(context, context.folder, status)

    return run


def pytest(preset, *selection, workers=0):
    """pytest with the binary of one preset; workers > 0 runs the cases side by side."""

    def run(context):
        context.folder.mkdir(parents=True, exist_ok=True)
        report = context.folder / "pytest.xml"
        report.unlink(missing_ok=True)
        side_by_side = ("-n", workers, "--dist", "loadgroup") if workers else ()
        status = context.command(
            "/usr/bin/python3", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider",
            f"--junitxml={report}", "--durations=10", *side_by_side, *selection,
            environment={
                **SANITIZER_ENVIRONMENT[preset],
                "BANTER_BINARY": str(ROOT / "build" / preset / "banter"),
                "BANTER_PRESET": preset,
            },
        )
        junit.count_pytest(context, report, status)

    return run


# Where threads meet, and so what is worth building once more for ThreadSanitizer.
THREADED = ("unit_base", "unit_store", "unit_relay", "unit_app", "unit_chat", "contract_store",
            "contract_relay")
E2E = ("tests/e2e", "--ignore=tests/e2e/browser", "--ignore=tests/e2e/defects")
FUZZ = "^fuzz_"

ALL = [
    Step("format", "clang-format leaves every C++ file as it is", plain("tools/format.sh")),
    Step("layers", "no include points outward", plain("tools/check_layers.py")),
    Step("tidy", "lengths, names and words of every file", plain("tools/tidy.py")),
    Step("tools", "the tests of the checks themselves", pytest("release", "tests/tools")),
    Step("build-release", "what users run, and its tests", build("release")),
    Step("unit", "unit and contract tests", ctest("release", "-E", FUZZ),
         needs=("build-release",)),
    Step("e2e", "the real binary from outside", pytest("release", *E2E, workers=2 * CORES),
         needs=("build-release",)),
    Step("deploy", "the files that put it into service", pytest("release", "tests/deploy"),
         quick=False),
    Step("package", "the Debian package, installed", pytest("release", "tests/package"),
         needs=("build-release",), quick=False),
    Step("names", "clang-tidy on what changed since it last passed", plain("tools/names.py"),
         needs=("build-release",), quick=False),
    Step("browser", "Chromium windows that people would use",
         pytest("release", "tests/e2e/browser", workers=CORES),
         needs=("build-release",), quick=False),
    Step("build-defects", "a server that can be broken on purpose", build("defects", "banter"),
         long=True),
    Step("defects", "broken servers, each of which `banter verify` has to notice",
         pytest("defects", "tests/e2e/defects", workers=CORES),
         needs=("build-defects",), long=True),
    Step("build-asan", "AddressSanitizer and UndefinedBehaviorSanitizer", build("asan"),
         quick=False),
    Step("unit-asan", "unit and contract tests under ASan and UBSan", ctest("asan", "-E", FUZZ),
         needs=("build-asan",), quick=False),
    Step("fuzz", "every corpus replayed under ASan and UBSan", ctest("asan", "-R", FUZZ),
         needs=("build-asan",), quick=False),
    Step("e2e-asan", "the binary from outside, under ASan and UBSan",
         pytest("asan", *E2E, workers=2 * CORES), needs=("build-asan",), quick=False),
    Step("build-tsan", "ThreadSanitizer", build("tsan", "banter", *THREADED), quick=False),
    Step("unit-tsan", "where threads meet: base, store, relay, app",
         ctest("tsan", "-R", f"^({'|'.join(THREADED)})$"),
         needs=("build-tsan",), quick=False),
    Step("e2e-tsan", "two reactors under ThreadSanitizer",
         pytest("tsan", *E2E, "-m", "threads", workers=CORES), needs=("build-tsan",), quick=False),
]
