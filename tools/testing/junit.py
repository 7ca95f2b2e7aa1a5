"""Counts cases in the JUnit files that GoogleTest, ctest and pytest write.

A case that was skipped or not run counts as failed: the project has no skipped tests.
"""
import pathlib
import xml.etree.ElementTree as ElementTree


def cases(path):
    """Yields (name, passed) for each case of one file."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
        bad = any(child.tag in ("failure", "error", "skipped") for child in case)
        ran = case.get("status", "run") == "run" and case.get("result", "completed") == "completed"
        yield name, ran and not bad


def count_pytest(context, path, status):
    """Counts a pytest run; a run that broke off or found nothing is a failed case of its own."""
    if pathlib.Path(path).exists():
        for name, passed in cases(path):
            context.case(name, passed)
    if status != 0 and not context.failures:
        context.case(f"pytest ended with status {status}", False)


def count_ctest(context, folder, status):
    """Counts a ctest run whose GoogleTest programs wrote FOLDER/<program>.xml.

    A program without such a file (a replayed corpus, a crash) counts as one case of ctest's.
    """
    folder = pathlib.Path(folder)
    summary = folder / "ctest.xml"
    if not summary.exists():
        context.case(f"ctest ended with status {status} and wrote no report", False)
        return
    total = 0
    for name, passed in cases(summary):
        total += 1
        report = folder / f"{name.rpartition('.')[2]}.xml"  # ctest says PROGRAM.PROGRAM
        failed_before = len(context.failures)
        if report.exists():
            for inner, inner_passed in cases(report):
                context.case(inner, inner_passed)
            if passed:
                continue
        if len(context.failures) == failed_before:
            context.case(name, passed)
    if total == 0:
        context.case("ctest found no tests", False)
