"""A real Asterisk takes the whole generated dialplan without a word."""

import time
from pathlib import Path

import pytest

from dialplan.extensions import Plan, render_extensions
from dialplan.routes import Routes, default_routes, load_routes
from tests.ari_app.calls.pbx_rig import Pbx
from tests.dialplan.routes.routes_walk import with_dialplan

EXAMPLE = Path(__file__).parents[3] / "dialplan/routes/example.yaml"


@pytest.mark.parametrize(
    "routes",
    [default_routes("support"), load_routes(EXAMPLE), load_routes(Path(__file__).with_name("walked.yaml"))],
    ids=["default", "example", "walked"],
)
def test_asterisk_takes_it_without_a_warning(tmp_path: Path, routes: Routes) -> None:
    plan = Plan(
        routes=routes,
        app="patchcord",
        fallback_queue="support",
        queue_timeout_s=30,
        deadman_s=6.0,
        phones=("2001", "2002"),
        asterisk_major=22,
    )
    pbx = with_dialplan(Pbx(tmp_path), render_extensions(plan))
    try:
        pbx.start()
        deadline = time.monotonic() + 20
        while "Asterisk Ready" not in (log := (tmp_path / "log/full").read_text(errors="replace")):
            assert time.monotonic() < deadline, log
            time.sleep(0.05)
    finally:
        pbx.stop()
    assert not [line for line in log.splitlines() if ("WARNING" in line or "ERROR" in line) and ("pbx" in line or "exten" in line)]
