"""The routes of a fresh installation."""

from collections.abc import Mapping

from dialplan.words import check_number, check_word

from .model import Route, Routes


def default_routes(queue: str, agents: Mapping[str, str] | None = None) -> Routes:
    """Return the built-in numbers, with those of ``agents`` (number to agent) added or in place of them.

    Raises:
        DialplanError: a number or a name that cannot stand in a dialplan.
    """
    check_word("queue", queue)
    found = {
        "100": ("front-desk", Route(numbers=("100",), agent="front-desk", about="the front-desk agent")),
        "101": ("echo", Route(numbers=("101",), agent="echo", about="echo through the media process, to hear the audio path")),
        "200": ("people", Route(numbers=("200",), queue=queue, about="people, without the agent")),
    }
    for number, agent in sorted((agents or {}).items()):
        check_number("number", number)
        check_word("agent", agent)
        name = f"number-{number.replace('+', 'plus')}"
        found[number] = (name, Route(numbers=(number,), agent=agent, about=f"the agent {agent}"))
    return Routes(routes=dict(found.values()))
