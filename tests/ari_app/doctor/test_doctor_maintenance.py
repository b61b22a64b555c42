"""What the doctor says of an instance that rests."""

from ari_app.doctor.running import service

STATUS = {"ready": True, "versions": {"asterisk": "22.10.1"}, "database": "up"}


def test_maintenance_is_told_with_its_reason_and_its_end() -> None:
    found = service({**STATUS, "maintenance": {"on": True, "reason": "new trunk"}})
    [told] = [each for each in found if each.name == "Maintenance"]
    assert (told.state, told.detail) == ("warning", "new calls go to the queue: new trunk")
    assert "maintenance off" in told.remedy


def test_without_it_nothing_is_told() -> None:
    for status in (STATUS, {**STATUS, "maintenance": {"on": False}}):
        assert not [each for each in service(status) if each.name == "Maintenance"]
