from pathlib import Path

import pytest

from ari_app.doctor.security.conf_file import Unreadable, read_conf


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.conf").write_text(text)
    return folder


def test_values_come_from_templates_unless_the_section_has_its_own(tmp_path: Path) -> None:
    text = "[base](!)\nauth = a\nallow=ulaw\n[one](base)\nauth = b ; and a remark\n[two](base)\n"
    conf = read_conf(written(tmp_path, pjsip=text), "pjsip.conf")
    assert [section.name for section in conf.real()] == ["one", "two"]
    assert (conf.named("one").get("auth"), conf.named("two").get("auth"), conf.named("two").get("allow")) == ("b", "a", "ulaw")


def test_included_files_are_read_and_missing_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "more.d").mkdir()
    (tmp_path / "more.d" / "b.conf").write_text("[b]\nx=2\n")
    (tmp_path / "more.d" / "a.conf").write_text("[a]\nx=1\n")
    conf = read_conf(written(tmp_path, ari='[general]\nenabled=yes\n#include "more.d/*.conf"\n#tryinclude "none.conf"\n'), "ari.conf")
    assert [section.name for section in conf.real()] == ["general", "a", "b"]
    assert conf.named("b").lines[0].place == "more.d/b.conf:2"


def test_comments_of_both_kinds_say_nothing(tmp_path: Path) -> None:
    conf = read_conf(written(tmp_path, ari="[a]\n;--\nx = 1\n--;\n;y = 2\nz = a\\;b\n"), "ari.conf")
    assert [(line.key, line.value) for line in conf.named("a").lines] == [("z", "a;b")]


def test_a_circle_of_includes_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="circle"):
        read_conf(written(tmp_path, ari="#include ari.conf\n"), "ari.conf")


def test_programs_in_a_configuration_are_noticed(tmp_path: Path) -> None:
    assert read_conf(written(tmp_path, ari="[a]\n#exec /bin/x\n"), "ari.conf").executes == ("ari.conf:2",)


def test_a_file_that_is_not_there_has_no_sections(tmp_path: Path) -> None:
    assert read_conf(tmp_path, "ari.conf").sections == ()
