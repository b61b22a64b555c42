"""The menu: what each section adds to it."""

from dataclasses import dataclass

from handoff.desk.access import Role


@dataclass(frozen=True, slots=True)
class NavItem:
    title: str
    path: str
    key: str
    """Shortcut, such as ``g c``."""
    roles: frozenset[Role]
    order: int = 50
    """Lower comes first."""
