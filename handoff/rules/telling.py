"""Rules and their reasons in plain words, for people who read them in a terminal or on a page."""

from collections.abc import Iterator, Mapping

from handoff.rules.conditions import CallPart, ConcernPart, Condition, EmotionPart, EventsPart, FactPart, HoursPart, Leaf
from handoff.rules.rule import Rule


def rule_in_words(name: str, rule: Rule) -> list[str]:
    """Lines, the first not indented."""
    lines = [f"{name}: {_act(rule)}"]
    if rule.description:
        lines.append(f"  {rule.description}")
    lines.append(f"  when {condition_in_words(rule.when)}{_for(rule)}")
    lines += [f"  {line}" for line in _rest(rule)]
    return lines


def _act(rule: Rule) -> str:
    told = {"escalate": "a person takes over", "try_once": "one more try, then a person takes over", "adapt": "another manner"}
    where = f", queue {rule.queue}" if rule.queue else ""
    priority = f", priority {rule.priority}" if rule.priority is not None else ""
    shadow = " (shadow: only written down)" if rule.shadow else ""
    return told.get(rule.act, "a note for review") + where + priority + shadow


def _for(rule: Rule) -> str:
    if rule.for_ is None:
        return ""
    return f", for {rule.for_.turns} turns in a row" if rule.for_.turns is not None else f", for {rule.for_.seconds:g} s"


def _rest(rule: Rule) -> Iterator[str]:
    for said in (rule.say, rule.say_handing_over):
        yield from (f"says [{language}] {text}" for language, text in said.items())
    if rule.manner is not None:
        told = {name: value for name, value in rule.manner.model_dump().items() if value != type(rule.manner).model_fields[name].default}
        yield "manner " + ", ".join(f"{name} {value}" for name, value in told.items() if name != "tone" or value)
    if rule.only is not None:
        told = {name: value for name, value in rule.only.model_dump().items() if value}
        yield "only " + ", ".join(f"{name} {value if isinstance(value, str) else ' '.join(value)}" for name, value in told.items())
    yield "once in a call" if rule.once else f"at most every {rule.rest_s:g} s"


def condition_in_words(condition: Condition) -> str:
    if condition.all is not None:
        return "(" + " and ".join(condition_in_words(part) for part in condition.all) + ")"
    if condition.any is not None:
        return "(" + " or ".join(condition_in_words(part) for part in condition.any) + ")"
    if condition.not_ is not None:
        return f"not {condition_in_words(condition.not_)}"
    return _leaf(condition.leaf())


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, EmotionPart):
        return _emotion(leaf)
    if isinstance(leaf, ConcernPart):
        return f"the caller's words mean {leaf.name} (confidence >= {leaf.confidence:g})"
    if isinstance(leaf, EventsPart):
        within = f" within {leaf.within_s:g} s" if leaf.within_s is not None else ""
        longer = f" of {leaf.longer_than_s:g} s or more" if leaf.longer_than_s is not None else ""
        return f"{leaf.count or leaf.note}{longer} {leaf.at_least} times or more{within}"
    if isinstance(leaf, CallPart):
        return f"the call is longer than {leaf.longer_than_s:g} s"
    if isinstance(leaf, FactPart):
        return f"{leaf.name} {_fact(leaf)}"
    if isinstance(leaf, HoursPart):
        return _hours(leaf)
    return f"queue {leaf.name or '(its own)'}: {leaf.measure}{_limits(leaf.at_least, leaf.at_most)}"


def _emotion(leaf: EmotionPart) -> str:
    told = f"{leaf.state or leaf.measure}{' in one utterance' if leaf.of == 'utterance' else ''}"
    if leaf.on is not None:
        told += " is on" if leaf.on else " is off"
    told += _limits(leaf.at_least, leaf.at_most)
    more = [
        f"held {leaf.held_s:g} s" if leaf.held_s is not None else "",
        f"rising {leaf.rises_per_min:g} per minute over {leaf.over_s:g} s" if leaf.rises_per_min is not None else "",
        f"confidence >= {leaf.confidence:g}" if leaf.confidence is not None else "",
        {"text": "from words and behaviour only", "audio": "with the voice", None: ""}[leaf.method],
        "not by the voice alone" if leaf.besides_voice else "",
    ]
    return ", ".join([told, *(part for part in more if part)])


def _fact(leaf: FactPart) -> str:
    told = ["is known" if leaf.known else "is not known"] if leaf.known is not None else []
    told += [f"is {leaf.is_}"] if leaf.is_ is not None else []
    told += [f"is one of {', '.join(str(one) for one in leaf.one_of)}"] if leaf.one_of else []
    return " and ".join([*told, *([limits] if (limits := _limits(leaf.at_least, leaf.at_most).strip()) else [])])


def _hours(leaf: HoursPart) -> str:
    told = [("open" if leaf.open else "closed")] if leaf.open is not None else []
    told += [f"on {' '.join(leaf.weekdays)}"] if leaf.weekdays else []
    told += [f"between {leaf.between}"] if leaf.between else []
    told += ["a holiday" if leaf.holiday else "no holiday"] if leaf.holiday is not None else []
    return "it is " + ", ".join(told)


def _limits(least: float | None, most: float | None) -> str:
    return (f" >= {least:g}" if least is not None else "") + (f" <= {most:g}" if most is not None else "")


def ground_in_words(ground: Mapping[str, object]) -> str:
    """``ground`` as the event ``escalation_rule`` has it: ``emotion.frustrated 0.82 >= 0.75 (turn 6, 0:12.3-0:14.1, held 4.2 s)``."""
    compared = f"{ground.get('signal')} {_value(ground.get('value'))} {ground.get('op')} {_value(ground.get('threshold'))}"
    turn, start, end, held = (ground.get(name) for name in ("turn", "start_ms", "end_ms", "held_s"))
    where = [f"turn {turn}"] if turn is not None else []
    where += [f"{minutes(start)}-{minutes(end)}"] if isinstance(start, int) and isinstance(end, int) else []
    where += [f"held {held:.1f} s"] if isinstance(held, int | float) and held else []
    return compared + (f" ({', '.join(where)})" if where else "")


def minutes(milliseconds: int) -> str:
    """From the start of the call, to a tenth of a second."""
    seconds = milliseconds / 1000
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"


def _value(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) and abs(value) < 1000 else str(value)
