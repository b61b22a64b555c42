"""Whose browser phones there are: everybody's of ``sip.people``, and nobody else's."""

from pathlib import Path

from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.service.desk_phones import DOMAIN, InstancePhones
from ari_app.settings import Settings, SipSettings
from handoff.desk.agent.line import BrowserLine


def test_every_person_has_a_line_of_their_own(tmp_path: Path) -> None:
    settings = Settings(sip=SipSettings(people={"2001": "Ana", "2010": "Zoë"}))
    phones = InstancePhones(settings, load_or_create_secrets(tmp_path, {}, settings=settings))
    assert phones.line_of("2010") == BrowserLine("2010-web", "Zoë", DOMAIN)
    assert phones.line_of("2001") == BrowserLine("2001-web", "Ana", DOMAIN)
    assert phones.line_of("2002") is None and phones.line_of("1001") is None


def test_passwords_stay_when_people_come_and_go(tmp_path: Path) -> None:
    few = Settings(sip=SipSettings(people={"2001": "Ana"}))
    more = Settings(sip=SipSettings(people={"2001": "Ana", "2010": "Zoë"}))
    first = load_or_create_secrets(tmp_path, {}, settings=few).phones
    second = load_or_create_secrets(tmp_path, {}, settings=more).phones
    assert set(second) - set(first) == {"2010", "2010-web"}
    assert {user: second[user] for user in first} == first
    assert load_or_create_secrets(tmp_path, {}, settings=few).phones == second, "whoever comes back finds their phone as it was"
