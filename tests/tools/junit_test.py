"""tools/testing/junit.py: what counts as a case, and as passed."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from testing.junit import count_ctest  # noqa: E402


class Counted:
    def __init__(self):
        self.passed, self.failures = 0, []

    def case(self, name, passed):
        self.passed += passed
        self.failures += [] if passed else [name]


def ctest(folder, *programs):
    rows = "".join(f'<testcase name="{name}" classname="{name}" status="{status}">{inner}'
                   "</testcase>" for name, status, inner in programs)
    (folder / "ctest.xml").write_text(f"<testsuite>{rows}</testsuite>", "utf-8")


def test_the_cases_of_a_program_count_not_the_program(tmp_path):
    ctest(tmp_path, ("unit_a", "run", ""))
    (tmp_path / "unit_a.xml").write_text(
        '<testsuites><testcase classname="A" name="One" status="run" result="completed"/>'
        '<testcase classname="A" name="Two" status="run" result="completed"/></testsuites>',
        "utf-8")
    counted = Counted()
    count_ctest(counted, tmp_path, 0)
    assert (counted.passed, counted.failures) == (2, [])


def test_a_program_that_fails_though_its_cases_pass_is_a_failure(tmp_path):
    ctest(tmp_path, ("unit_a", "fail", "<failure/>"))
    (tmp_path / "unit_a.xml").write_text(
        '<testsuites><testcase classname="A" name="One" status="run" result="completed"/>'
        '</testsuites>', "utf-8")
    counted = Counted()
    count_ctest(counted, tmp_path, 1)
    assert counted.passed == 1 and counted.failures == ["unit_a.unit_a"]


def test_a_program_without_a_report_counts_once(tmp_path):
    ctest(tmp_path, ("fuzz_a", "run", ""))
    counted = Counted()
    count_ctest(counted, tmp_path, 0)
    assert (counted.passed, counted.failures) == (1, [])
