"""Every way in which a rules file can be wrong: file, line, key and remedy."""

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from agents.flows.yaml_tree import compose, construct
from handoff.rules.errors import RulesError
from handoff.rules.loading import parse_rules
from handoff.rules.ruleset import DEFAULT, RuleSet
from handoff.rules.schema import FILE, rules_schema, written

GOOD = "rules:\n  it:\n    when: {concern: {name: fraud}}\n    act: escalate\n"


def complaint(text: str) -> str:
    with pytest.raises(RulesError) as caught:
        parse_rules(text, "my.yaml")
    return str(caught.value)


def rule(when: str, more: str = "") -> str:
    return f"rules:\n  it:\n    when: {when}\n    act: escalate\n{more}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # The file
        ("", "my.yaml:1: is empty; write rules: with a rule below it, as default.yaml does"),
        ("# only words\n", "my.yaml:1: is empty"),
        ("- a\n", "my.yaml:1: is empty or not a mapping of keys; start from default.yaml"),
        ("rules: {a: [}\n", "my.yaml:1: not valid YAML:"),
        ("version: 1\n", "my.yaml:1: rules: is missing; add it"),
        ("rules: 3\n", "my.yaml:1: rules: 3 must be a mapping of keys; known in it are description, when"),
        (f"ruls: {{}}\n{GOOD}", "my.yaml:1: ruls: unknown key; did you mean 'rules'?"),
        (f"version: 2\n{GOOD}", "my.yaml:1: version: 2 is unknown; known are 1"),
        (f"rest_s: -1\n{GOOD}", "my.yaml:1: rest_s: Input should be greater than or equal to 0; it is -1"),
        (GOOD + "  it: {act: flag}\n", "my.yaml:5: 'it' stands here a second time; keep one of them"),
        ("rules: {Bad-Name: {when: {concern: {name: a}}, act: flag}}\n", "write it like 'my_name' (small letters, digits and _)"),
        (f"holidays: [2030-02-30]\n{GOOD}", "my.yaml:1: holidays.0: '2030-02-30' is no day; write one such as 2026-12-25"),
        (f"holidays: [christmas]\n{GOOD}", "my.yaml:1: holidays.0: 'christmas' cannot stand here; write it like '2026-12-25'"),
        (f"hours: {{timezone: Mars/Base}}\n{GOOD}", "my.yaml:1: hours.timezone: unknown time zone 'Mars/Base'; use an IANA name"),
        (f'hours: {{monday: ["9-5"]}}\n{GOOD}', "my.yaml:1: hours.monday.0: '9-5' is no span of one day; write it as"),
        (f"hours: {{mondey: []}}\n{GOOD}", "my.yaml:1: hours.mondey: unknown key; did you mean 'monday'?"),
        (f"extends: defaults\n{GOOD}", "my.yaml:1: extends: 'defaults' is unknown; did you mean 'default'?"),
        (
            f"without: [urgency]\n{GOOD}",
            "my.yaml:1: without: there is no rule 'urgency' to leave out; it is for files with extends: default",
        ),
        (
            f"extends: default\nwithout: [urgenzy]\n{GOOD}",
            "my.yaml:2: without: there is no rule 'urgenzy' to leave out; the rules that ship are",
        ),
        (GOOD.replace("it:", "trigger_anger:"), "my.yaml:2: rules.trigger_anger: rules of agents' own triggers are called trigger_"),
        # A rule
        ("rules:\n  it:\n    act: flag\n", "my.yaml:2: rules.it.when: is missing; add it"),
        ("rules:\n  it:\n    when: {concern: {name: a}}\n", "my.yaml:2: rules.it.act: is missing; add it"),
        (
            rule("{concern: {name: a}}").replace("escalate", "escalat"),
            "my.yaml:4: rules.it.act: 'escalat' is unknown; did you mean 'escalate'?",
        ),
        (rule("{concern: {name: a}}", "    qeue: vip\n"), "my.yaml:5: rules.it.qeue: unknown key; did you mean 'queue'?"),
        (
            rule("{concern: {name: a}}", "    queue: Not A Queue\n"),
            "my.yaml:5: rules.it.queue: 'Not A Queue' cannot stand here; write it like",
        ),
        (rule("{concern: {name: a}}", "    priority: 101\n"), "my.yaml:5: rules.it.priority: Input should be less than or equal to 100"),
        (
            rule("{concern: {name: a}}", "    say: Hello\n"),
            "my.yaml:5: rules.it.say: 'Hello' must be a mapping of keys; write what is said per language",
        ),
        (
            rule("{concern: {name: a}}", "    say: {english: Hello}\n"),
            "my.yaml:5: rules.it.say.english: 'english' cannot stand here; write it like 'en'",
        ),
        (rule("{concern: {name: a}}", "    say: {en: 3}\n"), "my.yaml:5: rules.it.say.en: 3 must be text; quote it"),
        (rule("{concern: {name: a}}", "    cooldown_s: soon\n"), "my.yaml:5: rules.it.cooldown_s: Input should be a valid number"),
        (
            rule("{concern: {name: a}}", "    for: {}\n"),
            "my.yaml:5: rules.it.for: says nothing or two things; give either seconds or turns",
        ),
        (rule("{concern: {name: a}}", "    for: {turns: 2, seconds: 3}\n"), "rules.it.for: says nothing or two things"),
        (
            rule("{concern: {name: a}}", "    for: {seconds: 3}\n"),
            "my.yaml:5: rules.it.for.seconds: the concern in when is known of single turns",
        ),
        (
            rule("{emotion: {state: urgent, of: utterance, at_least: 0.5}}", "    for: {seconds: 3}\n"),
            "my.yaml:5: rules.it.for.seconds: the level of one utterance in when is known of single turns; write for: {turns: 2}",
        ),
        (
            rule("{concern: {name: a}}", "    manner: {pace: 2}\n"),
            "my.yaml:5: rules.it.manner.pace: Input should be less than or equal to 1.1",
        ),
        (
            rule("{concern: {name: a}}", "    only: {numbers: [abc]}\n"),
            "rules.it.only.numbers.0: 'abc' cannot stand here; write it like '100'",
        ),
        (
            rule("{concern: {name: a}}", "    only: {numbers: '100'}\n"),
            "rules.it.only.numbers: '100' must be a list; write [ and ] around it",
        ),
        (
            rule("{concern: {name: a}}", "    only: {weekdays: [monday]}\n"),
            "rules.it.only.weekdays.0: 'monday' is unknown; did you mean 'mon'?",
        ),
        (rule("{concern: {name: a}}", "    only: {hours: '9-17'}\n"), "rules.it.only.hours: '9-17' is no span of one day"),
        # What an act needs
        (rule("{concern: {name: a}}").replace("escalate", "adapt"), "my.yaml:4: rules.it.act: adapt changes nothing here; add manner"),
        (
            rule("{concern: {name: a}}", "    say_handing_over: {en: Hi.}\n"),
            "my.yaml:5: rules.it.say_handing_over: is for act: try_once; write it as say",
        ),
        (
            rule("{concern: {name: a}}", "    queue: vip\n").replace("escalate", "flag"),
            "my.yaml:5: rules.it.queue: nobody is put into a queue by act: flag; remove it, or write act: escalate",
        ),
        (rule("{concern: {name: a}}", "    priority: 1\n").replace("escalate", "flag"), "rules.it.priority: nobody is put into a queue"),
        (rule("{concern: {name: a}}", "    say: {en: Hi.}\n").replace("escalate", "flag"), "rules.it.say: act: flag is never heard"),
        (
            rule("{concern: {name: a}}", "    manner: {short: true}\n").replace("escalate", "flag"),
            "rules.it.manner: act: flag changes no manner; write act: adapt",
        ),
        # Conditions
        (rule("5"), "my.yaml:3: rules.it.when: 5 is no condition; write a mapping with one of all, any, not, emotion"),
        (rule("{all: [3]}"), "my.yaml:3: rules.it.when.all.0: 3 is no condition"),
        (rule("{}"), "rules.it.when: holds nothing; write exactly one condition here"),
        (rule("{concern: {name: a}, call: {longer_than_s: 3}}"), "holds concern and call; write exactly one condition here"),
        (rule("{emotions: {}}"), "rules.it.when.emotions: unknown key; did you mean 'emotion'?"),
        (rule("{any: []}"), "rules.it.when.any: Tuple should have at least 1 item"),
        (rule("{not: 3}"), "rules.it.when.not: 3 is no condition"),
        (rule("{emotion: {state: frustated, at_least: 0.5}}"), "'frustated' is unknown; did you mean 'frustrated'?; known are frustrated"),
        (
            rule("{emotion: {measure: anger, at_least: 0.5}}"),
            "rules.it.when.emotion.measure: 'anger' is unknown; known are valence, arousal",
        ),
        (rule("{emotion: {at_least: 0.5}}"), "rules.it.when.emotion: says of what; add state: frustrated, or measure: arousal"),
        (rule("{emotion: {state: urgent, measure: arousal, at_least: 0.5}}"), "state and measure exclude each other"),
        (rule("{emotion: {state: urgent}}"), "rules.it.when.emotion: compares with nothing; add at_least, at_most, on or rises_per_min"),
        (rule("{emotion: {state: urgent, at_least: 7}}"), "rules.it.when.emotion.at_least: Input should be less than or equal to 1"),
        (rule("{emotion: {measure: arousal, on: true}}"), "on is known of the course of a state only"),
        (rule("{emotion: {state: urgent, of: utterance, on: true}}"), "on is known of the course of a state only"),
        (rule("{emotion: {state: urgent, rises_per_min: 1, held_s: 3}}"), "held_s needs a level that is held"),
        (rule("{emotion: {measure: arousal, at_least: 0.5, confidence: 0.5}}"), "confidence is known of states only"),
        (rule("{emotion: {state: urgent, at_least: 0.6, at_most: 0.5}}"), "at_least is above at_most, so it never holds; swap them"),
        (rule("{emotion: {state: urgent, at_least: 0.5, method: voice}}"), "'voice' is unknown; known are text, audio"),
        (
            rule("{concern: {name: asks_persn}}"),
            "my.yaml:3: rules.it.when.concern.name: 'asks_persn' is nothing that is found in callers' words; did you mean 'asks_person'?",
        ),
        (rule("{events: {at_least: 3}}"), "rules.it.when.events: counts nothing or two things; give either count or note"),
        (rule("{events: {count: no_input, note: a}}"), "counts nothing or two things"),
        (rule("{events: {count: noinput}}"), "'noinput' is unknown; did you mean 'no_input'?"),
        (rule("{events: {count: no_input, longer_than_s: 3}}"), "longer_than_s is for count: silence; remove it"),
        (rule("{call: {}}"), "rules.it.when.call.longer_than_s: is missing; add it"),
        (rule("{fact: {name: tier}}"), "rules.it.when.fact: compares with nothing; add is, one_of, at_least, at_most or known"),
        (
            rule("{fact: {name: tier, is: [1]}}"),
            "rules.it.when.fact.is: [1] cannot be compared with; write a text, a number, true or false",
        ),
        (rule("{hours: {}}"), "rules.it.when.hours: asks nothing; add open, weekdays, between or holiday"),
        (rule("{hours: {open: true}}"), "rules.it.when.hours.open: this file has no opening hours; add hours:"),
        (rule("{hours: {holiday: true}}"), "rules.it.when.hours.holiday: this file has no holidays; add holidays:"),
        (rule("{queue: {measure: waiting}}"), "rules.it.when.queue: compares with nothing; add at_least or at_most"),
        (rule("{queue: {measure: wait, at_least: 1}}"), "'wait' is unknown; did you mean 'waiting'?"),
    ],
)
def test_what_is_wrong_is_told_with_place_and_remedy(text: str, said: str) -> None:
    told = complaint(text)
    assert said in told
    assert all(line.startswith("my.yaml:") for line in told.splitlines())


def test_all_problems_are_told_at_once() -> None:
    text = "rules:\n  one: {when: {concern: {name: a}}, act: jump}\n  two: {when: {call: {}}, act: flag}\n"
    assert [line.split(": ")[0] for line in complaint(text).splitlines()] == ["my.yaml:2", "my.yaml:3"]


VOICE = "would let how a caller's voice sounds decide who waits shorter"


@pytest.mark.parametrize(
    ("condition", "sound"),
    [
        ("{emotion: {state: frustrated, at_least: 0.5}}", False),
        ("{emotion: {measure: arousal, at_least: 0.9}}", False),
        ("{emotion: {state: frustrated, on: true}}", False),
        ("{emotion: {state: frustrated, at_least: 0.5, method: audio}}", False),
        ("{emotion: {state: frustrated, at_least: 0.5, besides_voice: true}}", False),
        ("{not: {emotion: {measure: valence, at_least: 0}}}", False),
        ("{any: [{concern: {name: fraud}}, {emotion: {state: urgent, at_least: 0.5}}]}", False),
        ("{all: [{emotion: {state: urgent, of: utterance, at_least: 0.5, method: text}}, {emotion: {state: urgent, on: true}}]}", False),
        ("{emotion: {state: frustrated, at_least: 0.5, method: text}}", True),
        ("{any: [{concern: {name: fraud}}, {emotion: {state: urgent, at_least: 0.5, method: text}}]}", True),
        ("{fact: {name: tier, is: vip}}", True),
    ],
)
def test_no_priority_by_the_sound_of_a_voice(condition: str, sound: bool) -> None:
    text = rule(condition, "    priority: 5\n")
    if sound:
        assert parse_rules(text, "my.yaml").rules["it"].priority == 5
    else:
        assert f"my.yaml:5: rules.it.priority: {VOICE}" in complaint(text)
        assert parse_rules(text + "    allow_voice_priority: true\n", "my.yaml").rules["it"].priority == 5
        assert "it" in parse_rules(text.replace("    priority: 5\n", ""), "my.yaml").rules


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing, binary, large = tmp_path / "missing.yaml", tmp_path / "binary.yaml", tmp_path / "large.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    large.write_text("#" * 600_000, "utf-8")
    for path, said in ((missing, "cannot be read"), (binary, "is not UTF-8"), (large, "is larger than"), (tmp_path, "cannot be read")):
        with pytest.raises(RulesError, match=said) as caught:
            RuleSet.load(path)
        assert str(caught.value).startswith(str(path))


def test_from_a_file_and_from_a_tree(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(GOOD, "utf-8")
    read = RuleSet.load(tmp_path / "my.yaml")
    assert read.source == os.fspath(tmp_path / "my.yaml")
    assert RuleSet.load({"rules": {"it": {"when": {"concern": {"name": "fraud"}}, "act": "escalate"}}}).rules == read.rules
    with pytest.raises(RulesError, match=r"rules\.it\.act: 'jump' is unknown"):
        RuleSet.load({"rules": {"it": {"when": {"concern": {"name": "fraud"}}, "act": "jump"}}})


def test_words_of_yaml_1_1_are_words() -> None:
    found = parse_rules(rule("{all: [{emotion: {state: urgent, on: true}}, {fact: {name: paid, is: no}}]}"), "my.yaml").rules["it"].when
    assert found.all is not None
    assert found.all[0].emotion is not None
    assert found.all[1].fact is not None
    assert (found.all[0].emotion.on, found.all[1].fact.is_) == (True, "no")


def test_extending_the_rules_that_ship() -> None:
    shipped = list(RuleSet.load().rules)
    more = parse_rules(
        "extends: default\nwithout: [urgency]\nrules:\n  mine: {when: {concern: {name: fraud}}, act: flag}\n"
        "  confusion: {when: {concern: {name: fraud}}, act: flag}\n",
        "my.yaml",
    )
    assert list(more.rules) == ["mine", "confusion", *(name for name in shipped if name not in ("urgency", "confusion"))]
    assert more.rules["confusion"].act == "flag"
    assert all(rule.shadow for rule in parse_rules("extends: default\nshadow: true\nrules: {}\n", "my.yaml").rules.values())


def test_schema_is_the_one_that_ships() -> None:
    assert FILE.read_text("utf-8") == written(rules_schema()), "run python -m handoff.rules.schema"


def test_schema_takes_what_the_loader_takes() -> None:
    schema = Draft202012Validator(json.loads(FILE.read_text("utf-8")))
    Draft202012Validator.check_schema(schema.schema)
    assert not list(schema.iter_errors(construct(compose(DEFAULT.read_text("utf-8"), "default.yaml"))))
    for wrong in (
        {"rules": {"it": {"when": {}, "act": "flag"}}},
        {"rules": {"it": {"when": {"concern": {"name": "a"}, "call": {"longer_than_s": 3}}, "act": "flag"}}},
        {"rules": {"it": {"when": {"emotion": {"stat": "urgent"}}, "act": "flag"}}},
        {"rules": {"it": {"when": {"concern": {"name": "a"}}, "act": "jump"}}},
        {"rules": {"Bad Name": {"when": {"concern": {"name": "a"}}, "act": "flag"}}},
        {"rules": {}, "more": 1},
    ):
        assert list(schema.iter_errors(wrong))


def test_the_first_line_of_the_shipped_file_names_its_schema() -> None:
    assert DEFAULT.read_text("utf-8").splitlines()[0] == f"# yaml-language-server: $schema={FILE.name}"
