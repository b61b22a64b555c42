"""Fetching and unpacking packages: real archives made with dpkg-deb, a real local repository read by the real apt."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ari_app.pbx import apt_sources, packages
from ari_app.pbx.apt import Apt, explain, parse_policy, parse_uris
from ari_app.pbx.apt_sources import IndexTarget
from ari_app.pbx.errors import PackageError
from ari_app.pbx.unpack import unpack_all

TARGETS = """\
http://mirror.example/debian-security|bookworm-security|main
http://mirror.example/debian|bookworm-updates|main
http://mirror.example/debian|bookworm|main
http://mirror.example/debian|bookworm|main
https://packages.example/tool|stable|main
nonsense
"""


def make_deb(folder: Path, name: str, files: dict[str, str], version: str = "1.0", depends: str = "") -> Path:
    """Build a real package."""
    tree = folder / f"tree-{name}"
    for path, text in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    control = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: test\n"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(control + (f"Depends: {depends}\n" if depends else ""))
    deb = folder / f"{name}_{version.replace(':', '%3a')}_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", str(tree), str(deb)], check=True, capture_output=True)
    return deb


def test_the_mirror_is_the_one_with_all_of_debian() -> None:
    targets = apt_sources.parse_index_targets(TARGETS)
    assert len(targets) == 4
    assert apt_sources.debian_site(targets) == "http://mirror.example/debian"


def test_a_configuration_without_a_mirror_is_told() -> None:
    with pytest.raises(PackageError, match=r"sources\.list\.d"):
        apt_sources.debian_site([IndexTarget("http://mirror.example/debian-security", "bookworm-security", "main")])


def test_debian_is_told_from_its_derivatives() -> None:
    assert apt_sources.is_debian('ID=debian\nVERSION_ID="13"\n')
    assert not apt_sources.is_debian('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n')
    assert not apt_sources.is_debian("")


def test_the_source_list_takes_the_users_mirror_and_keeps_signatures(tmp_path: Path) -> None:
    keyring = tmp_path / "keyring.gpg"
    assert "Signed-By" not in apt_sources.debian_sources("http://m.example/debian", "amd64", keyring)
    keyring.touch()
    text = apt_sources.debian_sources("http://m.example/debian", "amd64", keyring)
    assert f"Signed-By: {keyring}" in text and "URIs: http://m.example/debian\n" in text and "rusted" not in text


def test_no_host_is_written_in_our_files() -> None:
    for path in Path(packages.__file__).parent.glob("*.py"):
        hosts = set(re.findall(r"https?://([\w.-]+)", path.read_text()))
        examples = {host for host in hosts if host.startswith(("192.0.2.", "198.51.100.", "203.0.113."))}  # RFC 5737: for documentation
        assert hosts - examples <= {"127.0.0.1"}, path


def test_candidates_are_read() -> None:
    text = "asterisk:\n  Installed: (none)\n  Candidate: 1:22.10.1\n  Version table:\n     1:22.10.1 500\nrhvoice:\n  Candidate: (none)\n"
    assert parse_policy(text) == {"asterisk": "1:22.10.1"}
    assert parse_uris("'file:/r/a_1.deb' a_1%3a1_all.deb 12 SHA256:ab\nnoise\n") == [("file:/r/a_1.deb", "a_1%3a1_all.deb")]
    assert packages.major_version("1:22.10.1+dfsg-1") == 22
    assert packages.major_version("weird") == 0
    assert packages.name_and_version(Path("asterisk_1%3a22.10.1+dfsg_amd64.deb")) == ("asterisk", "1:22.10.1+dfsg")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("E: Release file for http://m/InRelease is expired (invalid since 3d).", "--accept-old-mirror"),
        ("E: Release file for http://m/InRelease is not valid yet (invalid for another 3h).", "clock"),
        ("Err:1 Temporary failure resolving 'm'", "network"),
        ("E: You don't have enough free space in /x.", "Free about"),
        ("W: GPG error: NO_PUBKEY 0E98", "debian-archive-keyring"),
        ("E: Unable to locate package asterisk", "'asterisk'"),
        ("E: Package 'flite' has no installation candidate", "flite"),
        ("E: something new", "something new"),
        ("", "no message"),
    ],
)
def test_what_apt_says_becomes_a_remedy(said: str, told: str) -> None:
    assert told in str(explain(said, Path("/data/apt")))


async def test_unpacking_leaves_out_what_only_people_read(tmp_path: Path) -> None:
    files = {
        "usr/bin/tool": "x",
        "lib/x86/libold.so": "x",
        "usr/share/man/man1/tool.1": "x",
        "usr/share/locale/de/x.mo": "x",
        "usr/include/x.h": "x",
        "usr/share/doc/tool/changelog.gz": "x",
        "usr/share/doc/tool/copyright": "x",
        "usr/share/doc/tool/core-sounds-en.txt.gz": "x",
    }
    debs = [make_deb(tmp_path, "tool", files), make_deb(tmp_path, "other", {"usr/bin/other": "x"})]
    done: list[int] = []
    await unpack_all(debs, tmp_path / "root", done.append)
    found = {str(path.relative_to(tmp_path / "root")) for path in (tmp_path / "root" / "usr").rglob("*") if path.is_file()}
    assert found == {
        "usr/bin/tool",
        "usr/bin/other",
        "usr/lib/x86/libold.so",
        "usr/share/doc/tool/copyright",
        "usr/share/doc/tool/core-sounds-en.txt.gz",
    }
    assert sorted(done) == [1, 2]


async def test_a_damaged_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad_1_all.deb").write_bytes(b"!<arch>\nrubbish")
    with pytest.raises(PackageError, match=r"bad_1_all\.deb"):
        await unpack_all([tmp_path / "bad_1_all.deb"], tmp_path / "root", lambda done: None)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A local repository that takes the place of the system's suites; apt itself is the real one."""
    folder = tmp_path / "repository"
    folder.mkdir()
    make_deb(folder, "asterisk", {"usr/sbin/asterisk": "x"}, version="1:22.10.1", depends="asterisk-modules")
    make_deb(folder, "asterisk-modules", {"usr/lib/modules.so": "x"})
    make_deb(folder, "broken-voice", {"usr/bin/voice": "x"}, depends="nothing-has-this")
    _index(folder)
    system = tmp_path / "etc"
    (system / "empty").mkdir(parents=True)
    (system / "sources.list").write_text(f"deb [trusted=yes] file:{folder} ./\n")
    (system / "apt.conf").write_text(f'Dir::Etc::sourcelist "{system}/sources.list";\nDir::Etc::sourceparts "{system}/empty";\n')
    monkeypatch.setenv("APT_CONFIG", str(system / "apt.conf"))
    (system / "os-release").write_text("ID=ubuntu\n")
    monkeypatch.setattr("ari_app.pbx.apt._OS_RELEASE", system / "os-release")
    return folder


def _index(folder: Path) -> None:
    entries = []
    for deb in sorted(folder.glob("*.deb")):
        control = subprocess.run(["dpkg-deb", "-f", str(deb)], check=True, capture_output=True, text=True).stdout
        digest = subprocess.run(["sha256sum", str(deb)], check=True, capture_output=True, text=True).stdout.split()[0]
        entries.append(f"{control}Filename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n")
    (folder / "Packages").write_text("\n".join(entries))


def silent(stage: str, done: int, total: int) -> None:
    pass


async def test_a_fetch_brings_the_closure_and_leaves_nothing_else(repository: Path, tmp_path: Path) -> None:
    stages: list[tuple[str, int, int]] = []
    got = await packages.fetch(tmp_path / "rt", ["asterisk"], ["rhvoice"], lambda *step: stages.append(step))
    assert got.versions == {"asterisk": "1:22.10.1", "asterisk-modules": "1.0"}
    assert got.missing == ("rhvoice",)
    assert (got.root / "usr/sbin/asterisk").exists() and (got.root / "usr/lib/modules.so").exists()
    assert stages[-1] == ("unpack", 2, 2)
    assert {path.name for path in (tmp_path / "rt").iterdir()} == {"lock", "root"}


async def test_apt_writes_below_its_own_folder_only(repository: Path, tmp_path: Path) -> None:
    await Apt(tmp_path / "apt").prepare()
    dump = await asyncio.to_thread(
        subprocess.run, ["apt-config", "-c", str(tmp_path / "apt" / "apt.conf"), "dump"], capture_output=True, text=True
    )
    settings = dict(line.rstrip(";").replace('"', "").split(" ", 1) for line in dump.stdout.splitlines() if " " in line)
    # apt locks beside the status file: in /dev, for /dev/null, which only root can
    for name in ("Dir::State", "Dir::State::lists", "Dir::State::status", "Dir::Cache", "Dir::Cache::archives", "Dir::Log"):
        assert settings[name].startswith(str(tmp_path / "apt")), name
    assert not any(name.endswith("-Invoke::") for name in settings)


async def test_an_optional_package_that_cannot_be_installed_does_not_spoil_the_rest(repository: Path, tmp_path: Path) -> None:
    got = await packages.fetch(tmp_path / "rt", ["asterisk"], ["broken-voice"], silent)
    assert got.missing == ("broken-voice",) and "asterisk" in got.versions


async def test_a_missing_package_and_an_old_one_are_named(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="'flite'"):
        await packages.fetch(tmp_path / "rt", ["asterisk", "flite"], [], silent)
    (repository / "asterisk_1%3a22.10.1_all.deb").unlink()
    shutil.rmtree(repository / "tree-asterisk")
    make_deb(repository, "asterisk", {"usr/sbin/asterisk": "x"}, version="1:18.9")
    _index(repository)
    with pytest.raises(PackageError, match=r"Asterisk 1:18\.9; 20 or newer"):
        await packages.fetch(tmp_path / "rt", ["asterisk"], [], silent)


async def _until_begun(runtime: Path) -> None:
    while not (runtime / "apt").exists():
        await asyncio.sleep(0.001)


async def test_an_interrupted_fetch_is_done_again(repository: Path, tmp_path: Path) -> None:
    runtime = tmp_path / "rt"
    fetching = asyncio.create_task(packages.fetch(runtime, ["asterisk"], [], silent))
    await _until_begun(runtime)
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert packages.installed(runtime, ["asterisk"]) is None
    (runtime / "root.new-1").mkdir()
    (runtime / "root").mkdir()  # half of it, without the marker
    got = await packages.fetch(runtime, ["asterisk"], [], silent)
    assert (got.root / "usr/sbin/asterisk").exists()
    assert {path.name for path in runtime.iterdir()} == {"lock", "root"}


async def test_two_fetches_at_once_make_one(repository: Path, tmp_path: Path) -> None:
    stages: list[str] = []
    one, two = await asyncio.gather(
        *(packages.fetch(tmp_path / "rt", ["asterisk"], [], lambda stage, done, total: stages.append(stage)) for _ in range(2))
    )
    assert one == two
    assert stages.count("unpack") == 2  # packages, not fetches times packages
    assert "waiting for another fetch" in stages


async def test_a_package_that_was_not_wanted_before_is_fetched(repository: Path, tmp_path: Path) -> None:
    await packages.fetch(tmp_path / "rt", ["asterisk-modules"], [], silent)
    assert packages.installed(tmp_path / "rt", ["asterisk-modules"]) is not None
    got = await packages.fetch(tmp_path / "rt", ["asterisk"], [], silent)
    assert "asterisk" in got.versions


async def test_a_full_disk_is_told_before_anything_is_fetched(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_NEEDED_BYTES", shutil.disk_usage(tmp_path).free * 2)
    with pytest.raises(PackageError, match="MB free"):
        await packages.fetch(tmp_path / "rt", ["asterisk"], [], silent)
    assert not (tmp_path / "rt" / "apt").exists()


async def test_a_system_without_apt_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackageError, match="'apt-get' is missing"):
        await packages.fetch(tmp_path / "rt", ["asterisk"], [], silent)


def test_a_marker_of_another_format_counts_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    for text in ("", "{", json.dumps({"format": 0, "versions": {}, "missing": []})):
        (tmp_path / "root" / "patchcord-runtime.json").write_text(text)
        assert packages.installed(tmp_path, []) is None


def test_the_lock_is_given_back_by_a_process_that_dies(tmp_path: Path) -> None:
    script = f"import fcntl, os; fcntl.flock(open({str(tmp_path / 'lock')!r}, 'w'), fcntl.LOCK_EX); os.kill(os.getpid(), 9)"
    assert subprocess.run([shutil.which("python3") or "python3", "-c", script], check=False).returncode == -9

    async def take() -> bool:
        async with packages._lock(tmp_path / "lock", silent):
            return True

    assert asyncio.run(asyncio.wait_for(take(), 2))
