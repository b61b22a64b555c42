"""The nodes of an agent: each does one thing and names where it leads."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from agents.flows.expressions import Expression
from agents.flows.names import FlowName, LanguageCode, Name, ToolName
from agents.flows.parts import KnobLayer, Part
from agents.flows.texts import Text, Texts

Routes = Mapping[Name, Name]
Help = Annotated[Texts, Field(description="What can be said here; then the question is asked again. Wins over everywhere.to_help.")]
Key = Annotated[str, Field(pattern=r"^[0-9*]$")]


class SayNode(Part):
    """Speaks and goes on."""

    do: Literal["say"]
    say: Texts
    next: Name
    legal: bool = Field(
        False, description="Must be heard to its end: cannot be interrupted; what the caller says meanwhile is answered after it."
    )
    setback: bool = Field(
        False, description="An attempt failed here; after give_up_after of them without a new question a person takes over."
    )
    note: Name | None = Field(None, description="Event that the records of the call keep of it, such as detail_added.")


class Reprompts(Part):
    """One text per failure in a row, the last one for all further; then the agent gives up."""

    again: Texts = Field(description="The caller was not understood.")
    silent: Texts = Field(description="The caller said nothing.")


class AskNode(Reprompts):
    """Asks and goes where the answer leads."""

    do: Literal["ask"]
    ask: Texts
    help: Help = Field(default_factory=Texts)
    on: Routes = Field(default_factory=dict, description="Intent to node.")
    keys: Mapping[Key, Name] = Field(default_factory=dict, description="Key to node.")
    keyed: Name | None = Field(None, description="A collect node that takes a whole number keyed or said here.")
    fills: tuple[Name, ...] = Field((), description="Slots that are taken from the answer when it mentions them.")
    else_: Name | None = Field(None, alias="else", description="Node for a sentence that fits no intent.")
    hum_is_yes: bool = Field(True, description="Whether 'mm-hm' agrees; if not, it is as if nothing had been said.")
    turns: KnobLayer = Field(default_factory=dict)


class WaitNode(Part):
    """Keeps the caller company without asking anything: silence is normal here, and nobody is given up."""

    do: Literal["wait"]
    on: Routes = Field(default_factory=dict, description="Intent to node.")
    keys: Mapping[Key, Name] = Field(default_factory=dict, description="Key to node.")
    again: Texts = Field(
        default_factory=Texts, description="Said to words that fit nothing: one text each the first times in a row, then none."
    )
    help: Help = Field(default_factory=Texts)
    turns: KnobLayer = Field(default_factory=dict)


class ConfirmPart(Reprompts):
    """Reads a slot back."""

    ask: Texts = Field(description="Reads the slot back.")
    corrected: Texts = Field(description="Reads it back after a correction.")
    rejected: Texts = Field(description="Asks again after a plain no.")


class CollectNode(Reprompts):
    """Takes the value of one slot, spoken or keyed."""

    do: Literal["collect"]
    slot: Name
    ask: Texts
    help: Help = Field(default_factory=Texts)
    partial: Texts = Field(
        default_factory=Texts,
        description="Part of the value is there, the rest is missing; {partial|digits} holds it. For digits, codes and phones.",
    )
    too_many: Texts = Field(default_factory=Texts, description="More was said than the slot holds; without it ``again`` is said.")
    confirm: ConfirmPart | None = Field(None, description="Without it the value is taken as it is.")
    on: Routes = Field(default_factory=dict, description="Intent to node.")
    keys: Mapping[Key, Name] = Field(default_factory=dict, description="Key to node, for a key that is no value of the slot.")
    set: Mapping[Name, str] = Field(default_factory=dict, description="Intent to a value of the slot, which needs no confirmation.")
    also: tuple[Name, ...] = Field((), description="Other slots that are taken from the same sentence when it mentions them.")
    ask_if_known: bool = Field(False, description="Ask even when the slot has a value already; otherwise the node is passed over.")
    secret: bool = Field(
        False, description="Taken by keypad alone, never read back, and in no transcript, event or record: a one-time code, for instance."
    )
    next: Name
    turns: KnobLayer = Field(default_factory=dict)


class ConfirmNode(Reprompts):
    """Asks for yes or no about what was collected; "no, Tuesday" corrects a slot at once."""

    do: Literal["confirm"]
    ask: Texts
    help: Help = Field(default_factory=Texts)
    yes: Name = Field(description="Node after a yes.")
    no: Name = Field(description="Node after a plain no.")
    on: Routes = Field(default_factory=dict, description="Intent to node.")
    change: Routes = Field(
        default_factory=dict, description="Slot to the collect node that asks for it again; these slots can be corrected."
    )
    turns: KnobLayer = Field(default_factory=dict)


class Case(Part):
    if_: Expression | None = Field(None, alias="if", description="Expression that must hold; without it: always.")
    next: Name


class BranchNode(Part):
    """Goes where the first fitting case says."""

    do: Literal["branch"]
    cases: tuple[Case, ...] = Field(min_length=1)


class SetNode(Part):
    """Gives slots a value, changes the language or the queue, or states who the caller has proven to be."""

    do: Literal["set"]
    values: Mapping[Name, Expression] = Field(default_factory=dict, description="Slot to expression; an empty result empties the slot.")
    language: LanguageCode | None = Field(None, description="The call goes on in this one of the agent's languages.")
    queue: FlowName | None = Field(None, description="From here on every transfer goes to this queue, whatever its node says.")
    verified: Literal["otp", "kba"] | None = Field(
        None,
        description="Whoever comes here has proven who they are: by a one-time code (otp), or by answers that only they know (kba). "
        "The person who takes over sees it.",
    )
    next: Name


class ToolNode(Part):
    """Calls a tool; its result is there as {result.<field>}."""

    do: Literal["tool"]
    say: Texts = Field(default_factory=Texts, description="Heard while the tool works.")
    tool: ToolName
    arguments: Mapping[Name, Text] = Field(alias="with", default_factory=dict, description="Argument to template.")
    limit_s: float = Field(3.0, gt=0, le=30, description="Seconds until the tool counts as failed.")
    returns: tuple[Name, ...] = Field((), description="Fields of the result that texts and expressions may name as result.<field>.")
    commits: bool = Field(
        False, description="What it does cannot be taken back: neither 'back' nor a correction goes to a question before it."
    )
    next: Name
    failed: Name


class LlmExit(Part):
    when: str = Field(min_length=1, max_length=500, description="In plain words, when to take this way out.")
    next: Name


class LlmNode(Part):
    """A language model talks towards a goal, with these tools and no others, until one of the exits fits."""

    do: Literal["llm"]
    goal: str = Field(min_length=1, max_length=4000)
    opening: Texts = Field(default_factory=Texts, description="Said first; without it the model speaks first or answers what was said.")
    tools: tuple[ToolName, ...] = ()
    exits: Mapping[Name, LlmExit] = Field(description="Name to a way out.")
    remembers: tuple[Name, ...] = Field((), description="Slots that the model may fill.")
    max_turns: int = Field(12, ge=1, le=60, description="Answers of the caller until ``failed``.")
    again: Texts = Field(default_factory=Texts, description="The words could not be made out; without it the last words are said again.")
    silent: Texts = Field(default_factory=Texts, description="The caller said nothing; without it the last words are said again.")
    help: Help = Field(default_factory=Texts)
    on: Routes = Field(default_factory=dict, description="Intent to node, before the model is asked.")
    failed: Name = Field(description="Node when no model answers or the turns are used up.")
    turns: KnobLayer = Field(default_factory=dict)


class TransferNode(Part):
    """Speaks and passes the caller to a person, warm."""

    do: Literal["transfer"]
    say: Texts = Field(default_factory=Texts)
    reason: str = Field("", description="Empty: the reason for which the dialogue came here.")
    queue: FlowName | None = Field(None, description="Without it the agent's queue.")


class QueueNode(Part):
    """Speaks and puts the caller straight into a queue."""

    do: Literal["queue"]
    say: Texts
    reason: str = ""
    queue: FlowName | None = Field(None, description="Without it the agent's queue.")


class CallbackNode(Part):
    """Notes a callback, speaks and ends the call."""

    do: Literal["callback"]
    say: Texts
    slot: Name = Field(description="Holds the number to call.")
    reason: str = "callback"


class PaymentNode(Reprompts):
    """Takes a card by keypad: number, expiry, code. Nothing of it is spoken back, written down or recorded."""

    do: Literal["payment"]
    ask: Texts = Field(description="Asks for the card number.")
    expiry: Texts = Field(description="Asks for month and year of the expiry, four digits.")
    cvc: Texts = Field(description="Asks for the security code.")
    amount: Text = Field(description="Template of the amount to charge.")
    rejected: Texts = Field(description="The card was refused; the number is asked for again.")
    tool: ToolName = Field(description="Charges the card. It gets card (digits), expiry (MMYY), cvc and amount, and answers approved.")
    arguments: Mapping[Name, Text] = Field(
        alias="with", default_factory=dict, description="Further argument to template, such as the order."
    )
    attempts: int = Field(3, ge=1, le=5, description="Refusals until ``failed``.")
    limit_s: float = Field(10.0, gt=0, le=30, description="Seconds until the tool counts as failed.")
    returns: tuple[Name, ...] = Field((), description="Fields of the result that texts and expressions may name as result.<field>.")
    help: Help = Field(default_factory=Texts)
    next: Name
    failed: Name


class SubflowNode(Part):
    """Another flow, as if its nodes stood here: they are put in its place when the file is read."""

    do: Literal["subflow"]
    flow: FlowName
    arguments: Mapping[Name, Expression] = Field(alias="with", default_factory=dict, description="Their slot to expression.")
    exits: Routes = Field(default_factory=dict, description="Their exit to our node.")
    returns: Routes = Field(default_factory=dict, description="Our slot to theirs, taken over when it is left.")
    transfers: Name | None = Field(None, description="Our node in place of each of theirs that would pass the caller to a person.")


class ReturnNode(Part):
    """End of a subflow, or of a digression: back to where it was called for."""

    do: Literal["return"]
    exit: Name = "done"


class EndNode(Part):
    """Speaks and ends the call."""

    do: Literal["end"]
    say: Texts = Field(default_factory=Texts, description="Without it the call ends at once, without a word.")
    reason: str = ""


Node = Annotated[
    SayNode
    | AskNode
    | CollectNode
    | ConfirmNode
    | WaitNode
    | BranchNode
    | SetNode
    | ToolNode
    | LlmNode
    | TransferNode
    | QueueNode
    | CallbackNode
    | PaymentNode
    | SubflowNode
    | ReturnNode
    | EndNode,
    Field(discriminator="do"),
]
