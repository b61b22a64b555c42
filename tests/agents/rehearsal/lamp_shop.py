"""A small agent that has everything a rehearsal has to show: a tool, a slot, a model, keys that stay secret, and every way to end."""

from agents.flows.definition import AgentDefinition
from agents.flows.loader import parse_agent

LAMP_SHOP = """\
format: 2
name: lamp-shop
queue: lamps
start: greeting
resume: nobody_free
slots:
  order_number: {kind: digits, shortest: 5, longest: 5}
  phone_number: {kind: phone}
intents:
  order_status: {phrases: [order, parcel]}
  advice: {phrases: [advice]}
  straight: {phrases: [sales]}
  call_me: {phrases: [call me back]}
  pay: {phrases: [pay]}
  person: {phrases: [person]}
  goodbye: {phrases: [goodbye]}
  repeat: {phrases: [say that again]}
  "yes": {phrases: ["yes"]}
  "no": {phrases: ["no"]}
everywhere:
  person: person
  goodbye: goodbye
  repeat: repeat
  yes: "yes"
  no: "no"
  to_person: to_person
  to_goodbye: farewell
  give_up: to_person
  time_up: to_person
  tool_trouble: to_person
  repeat_with: [Once more.]
nodes:
  greeting: {do: say, say: [This is the lamp shop.], next: main}
  main:
    do: ask
    ask: ["What can I do for you?"]
    again: [Please say it in other words.]
    silent: [I did not hear you.]
    on: {order_status: number, advice: advise, straight: sales, call_me: phone, pay: card}
  number:
    do: collect
    slot: order_number
    ask: [Your order number please.]
    again: [Five digits please.]
    silent: ["Are you there?"]
    ask_if_known: true
    next: look_up
  look_up:
    do: tool
    say: [One moment.]
    tool: orders.find
    with: {number: "{order_number}"}
    limit_s: 3
    returns: [item, found]
    next: found
    failed: to_person
  found:
    do: branch
    cases: [{if: result.found, next: tell}, {next: unknown}]
  tell: {do: say, say: ["{result.item} is on its way."], next: main}
  unknown: {do: say, say: [There is no such order.], next: main}
  advise:
    do: llm
    goal: Find a lamp that suits the caller.
    tools: [lamps.find]
    exits: {enough: {when: the caller has decided, next: main}}
    remembers: [order_number]
    failed: to_person
  sales: {do: queue, say: [The sales team will answer.], reason: sales, queue: sales}
  phone:
    do: collect
    slot: phone_number
    ask: ["On which number?"]
    again: [The number please.]
    silent: [The number please.]
    next: noted
  noted: {do: callback, say: [We will call you back.], slot: phone_number}
  card:
    do: payment
    ask: [The card number please.]
    expiry: [Month and year.]
    cvc: [The security code.]
    amount: "12.50"
    again: [Please key it in again.]
    silent: [Please key it in.]
    rejected: [It was refused.]
    tool: payments.charge
    next: paid
    failed: to_person
  paid: {do: end, say: [Paid. Goodbye.], reason: paid}
  to_person: {do: transfer, say: [A colleague will help you.]}
  farewell: {do: end, say: [Goodbye.], reason: done}
  nobody_free: {do: say, say: [Nobody was free.], next: main}
"""


def lamp_shop() -> AgentDefinition:
    return parse_agent(LAMP_SHOP, "lamp-shop.yaml")
