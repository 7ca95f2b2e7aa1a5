"""The Debian package: built, looked at by lintian, installed into a root of its own, and used."""
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*words, **options):
    """What it printed; fails with it."""
    done = subprocess.run([*map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}"
    return done.stdout


@pytest.fixture(name="package", scope="module")
def built(tmp_path_factory):
    """banter.deb."""
    folder = tmp_path_factory.mktemp("package")
    run(ROOT / "tools" / "package.sh", folder)
    return folder / "banter.deb"


@pytest.fixture(name="installed", scope="module")
def root_with_package(package, tmp_path_factory):
    """A root directory in which dpkg has installed it; its scripts leave the real system alone."""
    root = tmp_path_factory.mktemp("root")
    admin = root / "var" / "lib" / "dpkg"
    for part in ("info", "updates", "triggers"):
        (admin / part).mkdir(parents=True)
    (admin / "status").touch()
    (admin / "available").touch()
    dpkg(root, "--install", package)
    return root


def dpkg(root, *words):
    """Runs dpkg in a root of its own. Dependencies are the real system's."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    return run("fakeroot", "dpkg", f"--root={root}", "--force-depends", "--force-not-root",
               "--force-script-chrootless", *words, env={**os.environ, "PATH": path})


def test_lintian_finds_nothing(package):
    # It is not for Debian's own archive: no bug to close, and nobody's mailbox.
    run("lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
        "initial-upload-closes-no-bugs,bogus-mail-host,bogus-mail-host-in-debian-changelog",
        package)


def test_it_names_the_libraries_it_needs(package):
    depends = run("dpkg-deb", "--field", package, "Depends")
    for library in ("libc6", "libpq5", "libsqlite3-0", "libsodium23", "libssl3", "adduser"):
        assert library in depends, depends


def test_it_holds_what_it_should_and_nothing_else(package):
    listed = [line.split()[-1] for line in run("dpkg-deb", "--contents", package).splitlines()]
    files = {name.removeprefix(".") for name in listed if not name.endswith("/")}
    assert files == {"/usr/bin/banter", "/lib/systemd/system/banter.service",
                     "/etc/banter/banter.toml", "/usr/share/man/man1/banter.1.gz",
                     "/usr/share/doc/banter/changelog.Debian.gz", "/usr/share/doc/banter/copyright"}
    size = int(run("dpkg-deb", "--field", package, "Installed-Size"))
    assert size < 60 * 1024, f"{size} KiB"


def test_the_installed_binary_has_no_defects(installed):
    assert b"BANTER_DEFECT" not in (installed / "usr" / "bin" / "banter").read_bytes()


def test_the_installed_binary_runs_with_the_installed_settings(installed, tmp_path):
    banter = installed / "usr" / "bin" / "banter"
    version = run(banter, "version")
    assert run("dpkg-query", f"--admindir={installed}/var/lib/dpkg", "--show",
               "--showformat=${Version}", "banter").split("-")[0] in version
    settings = installed / "etc" / "banter" / "banter.toml"
    said = run(banter, "config", "check", "--config", settings, "--data", tmp_path / "data")
    assert "error" not in said.lower()


def test_the_unit_is_one_that_systemd_takes_and_calls_safe(installed, tmp_path):
    unit = tmp_path / "banter.service"
    text = (installed / "lib" / "systemd" / "system" / unit.name).read_text("utf-8")
    # The program must be there for systemd to be content, and it is in a root of its own.
    assert "ExecStart=/usr/bin/banter serve" in text
    unit.write_text(text.replace("=/usr/bin/banter", f"={installed}/usr/bin/banter"), "utf-8")
    run("systemd-analyze", "verify", "--man=no", unit)
    report = run("systemd-analyze", "security", "--offline=true", "--threshold=25",
                 "--no-pager", unit)
    assert "Overall exposure level" in report


def test_the_man_page_reads_without_complaints(installed, tmp_path):
    page = tmp_path / "banter.1.gz"
    shutil.copy(installed / "usr" / "share" / "man" / "man1" / "banter.1.gz", page)
    shown = run("man", "--warnings", "--local-file", page,
                env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""})
    assert "warning" not in shown.lower() and "EXIT STATUS" in shown


def test_changed_settings_survive_a_second_installation_and_data_survives_a_purge(package,
                                                                                  installed):
    settings = installed / "etc" / "banter" / "banter.toml"
    changed = settings.read_text("utf-8") + "# mine\n"
    settings.write_text(changed, "utf-8")
    dpkg(installed, "--install", package)
    assert settings.read_text("utf-8") == changed
    kept = installed / "var" / "lib" / "banter" / "banter.db"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert "is kept" in dpkg(installed, "--purge", "banter")
    assert kept.exists() and not settings.exists()
    assert not (installed / "usr" / "bin" / "banter").exists()
