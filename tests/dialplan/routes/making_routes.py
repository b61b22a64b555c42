"""Routes of all kinds, made by hypothesis; only ones that the loader would take."""

from hypothesis import strategies as st

from dialplan.routes.model import Route, Routes

words = st.from_regex(r"[a-z][a-z0-9-]{1,9}", fullmatch=True)
prompts = st.lists(st.sampled_from(["vm-goodbye", "custom/closed", "hours"]), max_size=2)
prefixes = st.from_regex(r"\+?[0-9]{1,8}", fullmatch=True)
places = st.sampled_from(["ivr-main,s,1", "from-internal,600,1", "app-daynight,0,start"])
clocks = st.builds(lambda hour, minute: f"{hour:02d}:{minute:02d}", st.integers(0, 23), st.integers(0, 59))
spans = st.one_of(
    st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1]).map("-".join),
    clocks.filter(lambda clock: clock != "00:00").map(lambda clock: f"{clock}-24:00"),
)
yearly = st.dates().map(lambda day: f"{day:%m-%d}")
dated = st.dates().map(lambda day: day.isoformat())
holidays = st.one_of(
    yearly,
    st.just("02-29"),
    dated,
    st.tuples(dated, dated).map(lambda pair: "..".join(sorted(pair))),
    st.tuples(yearly, yearly).map("..".join),
)
ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


def lead(agents: bool = True) -> st.SearchStrategy[dict[str, object]]:
    ways: list[st.SearchStrategy[dict[str, object]]] = [words.map(lambda word: {"queue": word}), places.map(lambda place: {"goto": place})]
    if agents:
        ways.append(words.map(lambda word: {"agent": word}))
    return st.one_of(ways)


def announced(way: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
    return st.builds(lambda place, played: {**place, "announce": played}, way, prompts)


@st.composite
def splits(draw: st.DrawFn) -> dict[str, object]:
    agents = draw(st.lists(words, min_size=1, max_size=4, unique=True))
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(agents) - 1, max_size=len(agents) - 1)))
    return {"split": dict(zip(agents, [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)], strict=True))}


@st.composite
def hours(draw: st.DrawFn) -> dict[str, object]:
    days = draw(st.lists(st.sampled_from(["weekdays", "weekend", "monday", "wednesday", "sunday"]), unique=True))
    given: dict[str, object] = {day: draw(st.lists(spans, max_size=2)) for day in days}
    if draw(st.booleans()):
        given["timezone"] = draw(st.sampled_from(ZONES))
    return given


@st.composite
def route_data(draw: st.DrawFn, numbers: list[str]) -> dict[str, object]:
    made: dict[str, object] = {"numbers": numbers, "about": draw(st.sampled_from(["", "Orders & returns", "[shop] $5 (all)"]))}
    made |= draw(st.one_of(announced(lead()), splits()))
    if draw(st.booleans()):
        made["hours"] = draw(hours())
    if draw(st.booleans()):
        made["holidays"] = draw(st.lists(holidays, min_size=1, max_size=3))
    if "hours" in made or "holidays" in made:
        made["closed"] = draw(st.one_of(announced(lead()), st.just({"announce": ["vm-goodbye"]})))
    made["callers"] = {
        "blocked": draw(st.lists(prefixes, max_size=2)),
        "anonymous": draw(st.one_of(st.sampled_from(["accept", "refuse"]), lead(agents=False))),
        "vip": [
            {**draw(announced(lead())), "prefixes": draw(st.lists(prefixes, min_size=1, max_size=2)), "always": draw(st.booleans())}
            for _ in range(draw(st.integers(0, 2)))
        ],
    }
    if draw(st.booleans()):
        made["overflow"] = draw(lead(agents=False))
    made["max_calls"] = draw(st.one_of(st.none(), st.integers(50, 5000)))
    made["language"] = draw(st.sampled_from(["", "en", "es-MX"]))
    if "agent" in made or "split" in made:
        made["emotion"] = draw(st.sampled_from([None, "off", "text", "audio"]))
        made["record"] = draw(st.sampled_from([None, True, False]))
    Route.model_validate(made)
    return made


@st.composite
def many_routes(draw: st.DrawFn, most: int = 4) -> Routes:
    """Up to ``most`` routes whose numbers are distinct: one number and one pattern each."""
    names = draw(st.lists(words, min_size=1, max_size=most, unique=True))
    made = {
        name: draw(route_data([f"+4420794{index}00", f"_+4420794{index}[1-35]XZN", f"_+4420795{index}X."]))
        for index, name in enumerate(names)
    }
    return Routes.model_validate({"timezone": draw(st.sampled_from(ZONES)), "routes": made})
