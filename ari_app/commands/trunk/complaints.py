"""What is said about a trunk that there is not."""

from dialplan.trunks import Trunks
from dialplan.trunks.complaints import nearest


def no_such_trunk(name: str, trunks: Trunks, source: str) -> str:
    known = [entry.name for entry in trunks.entries]
    return f"there is no trunk '{name}' in {source}{nearest(name, known) if known else '; write trunks.yaml first, see docs/trunks.md'}"
