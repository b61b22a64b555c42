"""A small flow in every shape that the tests need: the text of its file, to be broken."""

SMALL = """\
format: 2
name: small
start: greeting
resume: back
everywhere: {person: person, goodbye: goodbye, repeat: repeat, yes: yes, no: no, to_person: person, to_goodbye: farewell,
  give_up: person, time_up: person, tool_trouble: person, repeat_with: [Once more.]}
slots:
  number: {kind: digits, shortest: 5, longest: 5}
  amount: {kind: amount}
  day: {kind: date, future: true}
  phone: {kind: phone}
intents:
  person: {phrases: [a person]}
  goodbye: {phrases: [goodbye]}
  repeat: {phrases: [say again]}
  yes: {phrases: ["yes"], replies: true}
  no: {phrases: ["no"], replies: true}
  refund: {examples: [I want my money back, give me a refund]}
  hours: {examples: [when are you open]}
digressions: {hours: hours}
nodes:
  greeting: {do: say, say: [Hello.], next: main}
  main:
    do: ask
    ask: ["What is it?"]
    again: ["What is it please?"]
    silent: ["Are you there?"]
    on: {refund: number, goodbye: farewell}
    keys: {1: number}
    keyed: number
    fills: [day]
  number:
    do: collect
    slot: number
    ask: ["Which number?"]
    again: ["Which number please?"]
    silent: ["Which number please?"]
    partial: ["{partial|digits} and then?"]
    also: [amount]
    next: amount
  amount: {do: collect, slot: amount, ask: ["How much?"], again: ["How much please?"], silent: ["How much please?"], next: sure}
  sure:
    do: confirm
    ask: ["{amount|money} for {number|digits}?"]
    again: ["Yes or no?"]
    silent: ["Yes or no?"]
    yes: limit
    no: farewell
    change: {amount: amount, number: number}
  limit:
    do: branch
    cases:
      - {if: amount <= 100 and has.number, next: find}
      - {next: person}
  find: {do: tool, tool: orders.find, with: {number: "{number}"}, returns: [found], next: told, failed: person}
  told:
    do: branch
    cases:
      - {if: result.found, next: note}
      - {next: talk}
  note: {do: set, values: {phone: caller, day: "day or today"}, next: pay}
  talk:
    do: llm
    goal: Find out what happened.
    tools: [orders.find]
    exits: {known: {when: it is clear, next: note}}
    remembers: [number]
    failed: person
  pay:
    do: payment
    ask: ["Your card number?"]
    expiry: ["Which month and year?"]
    cvc: ["The code on the back?"]
    again: [Please use the keys.]
    silent: [Please use the keys.]
    rejected: [It was refused.]
    amount: "{amount}"
    tool: payments.charge
    next: call
    failed: line
  call: {do: callback, say: ["We call {phone|digits} on {day|date}."], slot: phone}
  line: {do: queue, say: [Please wait.], queue: billing}
  hours: {do: say, say: ["Until {closes_at}."], next: asked}
  asked: {do: return}
  person: {do: transfer, say: [One moment.]}
  farewell: {do: end, say: [Goodbye.], reason: done}
  back: {do: say, say: [Nobody was free.], next: main}
"""


def changed(*replaced: tuple[str, str], text: str = SMALL) -> str:
    """``text`` with each old part, which must be there, replaced once."""
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, part: str) -> int:
    """The line in which ``part`` begins, from 1."""
    return text[: text.index(part)].count("\n") + 1
