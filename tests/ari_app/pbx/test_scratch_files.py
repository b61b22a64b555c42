"""A copy of somebody's configuration reaches nothing: no carrier, no database, no program."""

from pathlib import Path

from ari_app.pbx.scratch_files import ScratchPlace, harmless
from ari_app.pbx.scratch_log import findings
from tests.dialplan.checking.configuration_cases import base, cases

PLACE = ScratchPlace(Path("/scratch/etc"), "/etc/asterisk", Path("/scratch/moh"), (40001, 40002, 40003), 40010, "made-up-secret")


def test_nothing_is_registered_qualified_or_contacted() -> None:
    files = next(case.files for case in cases("good.txt") if case.name == "a registration")
    files["pjsip.conf"] += "[carrier](+)\nqualify_frequency = 30\nmatch = sip.carrier.example.com\noutbound_proxy = sip:proxy.example.com\n"
    made = harmless(files, PLACE)
    assert "sip.carrier.example.com" not in "\n".join(line for line in made["pjsip.conf"].splitlines() if not line.startswith(";"))
    assert "proxy.example.com" not in made["pjsip.conf"] and "qualify_frequency = 0" in made["pjsip.conf"]
    assert "bind = 127.0.0.1:40001" in made["pjsip.conf"] and made["pjsip.conf"].count("bind =") == 1


def test_lines_keep_their_numbers() -> None:
    for case in cases("good.txt"):
        made = harmless(case.files, PLACE)
        for name in ("extensions.conf", "pjsip.conf", "queues.conf"):
            assert len(made[name].splitlines()) == len(case.files[name].splitlines()), (case.name, name)


def test_programs_and_databases_are_left_out() -> None:
    files = base()
    files["extensions.conf"] += "#exec /usr/local/bin/make-dialplan\n"
    files["musiconhold.conf"] += "[stream]\nmode = custom\napplication = /usr/bin/mpg123 http://stream.example.com/\n"
    files |= dict.fromkeys(("extconfig.conf", "res_odbc.conf", "cdr_pgsql.conf", "modules.conf", "cli.conf"), "[x]\n")
    made = harmless(files, PLACE)
    assert not {"extconfig.conf", "res_odbc.conf", "cdr_pgsql.conf", "modules.conf", "cli.conf"} & made.keys()
    assert "; #exec" in made["extensions.conf"]
    assert "; application" in made["musiconhold.conf"] and "mode = custom" not in made["musiconhold.conf"]
    assert "port = 40010" in made["manager.conf"] and "made-up-secret" in made["manager.conf"]


def test_includes_by_whole_path_stay_inside() -> None:
    files = {"extensions.conf": "#include /etc/asterisk/a.conf\n#include /srv/b.conf\n", "a.conf": "[a]\n", "/srv/b.conf": "[b]\n"}
    made = harmless(files, PLACE)
    assert made["extensions.conf"].splitlines() == ["#include a.conf", "#include /scratch/etc/outside/2.conf"]
    assert made["outside/2.conf"] == "[b]\n"


def test_a_line_of_the_log_is_a_finding_at_the_line_that_it_means() -> None:
    files = {"extensions.conf": "[a]\ninclude => nowhere\n"}
    log = (
        "[2026-12-24 18:00:00.000] NOTICE[1] loader.c: 100 modules will be loaded.\n"
        "[2026-12-24 18:00:00.000] WARNING[1] pbx.c: Context 'a' tries to include nonexistent context 'nowhere'\n"
        "[2026-12-24 18:00:00.000] ERROR[1] config.c: parse error: No category context for line 1 of /scratch/etc/extensions.conf\n"
        "[2026-12-24 18:00:00.000] WARNING[1] loader.c: Error loading module 'x.so'\n"
    )
    found = findings(log, files, PLACE.etc)
    assert [(one.at.file, one.at.line) for one in found] == [("extensions.conf", 1), ("extensions.conf", 2)]
    assert findings(log.splitlines()[1], files, PLACE.etc, {"nowhere"}) == []
