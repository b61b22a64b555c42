"""Which part of the engine runs which kind of node."""

from collections.abc import Mapping
from typing import Any, Final

from agents.flows import definition as kind
from agents.flows.engine.asking import Asking
from agents.flows.engine.calling import Calling
from agents.flows.engine.collecting import Collecting
from agents.flows.engine.confirming import Confirming
from agents.flows.engine.digressions import Return
from agents.flows.engine.ending import CallingBack, Ending, Queueing, Transferring
from agents.flows.engine.modelling import Modelling
from agents.flows.engine.moves import Passing, Waiting
from agents.flows.engine.passing import Branching, Saying, Setting
from agents.flows.engine.paying import Paying
from agents.flows.engine.staying import Staying
from agents.flows.parts import Part

CALLING: Final = Calling()
PAYING: Final = Paying()
MODELLING: Final = Modelling()

WAITING: Final[Mapping[type[Part], Waiting[Any]]] = {
    kind.AskNode: Asking(),
    kind.WaitNode: Staying(),
    kind.CollectNode: Collecting(),
    kind.ConfirmNode: Confirming(),
    kind.PaymentNode: PAYING,
    kind.LlmNode: MODELLING,
}
"""Kinds at which the caller is waited for."""
KINDS: Final[Mapping[type[Part], Passing[Any]]] = {
    **WAITING,
    kind.SayNode: Saying(),
    kind.BranchNode: Branching(),
    kind.SetNode: Setting(),
    kind.ToolNode: CALLING,
    kind.ReturnNode: Return(),
    kind.TransferNode: Transferring(),
    kind.QueueNode: Queueing(),
    kind.CallbackNode: CallingBack(),
    kind.EndNode: Ending(),
}
