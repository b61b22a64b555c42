"""A small front desk of the tests' own: the shipped one may change its words without any of them failing."""

from pathlib import Path
from typing import Final

from agents.flows.loader import read_agent

FILE: Final = Path(__file__).with_name("desk.yaml")
DESK: Final = read_agent(FILE)
