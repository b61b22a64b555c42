"""Every measurement can be asked for, and tells how."""

import pytest

from ari_app.commands.bench import _known, run_bench


@pytest.mark.parametrize("name", sorted(_known()))
def test_each_measurement_takes_its_arguments_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run_bench(name, ["--help"])
    assert left.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_an_unknown_one_is_named_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_bench("nonsense", []) == 2
    assert "warm_transfer" in capsys.readouterr().out
