"""The queues of Asterisk: who waits, who works, how long it takes and how well it goes."""

from handoff.queues.board import QueueBoard
from handoff.queues.rules import QueueRules
from handoff.queues.status import QueueState, read_queue_status
from handoff.queues.view import Figures, MemberState, MemberView, QueueView, Ratio, Waiting
from handoff.queues.wait import spoken_wait
from handoff.queues.watch import ManagerLink, QueueWatch

__all__ = [
    "Figures",
    "ManagerLink",
    "MemberState",
    "MemberView",
    "QueueBoard",
    "QueueRules",
    "QueueState",
    "QueueView",
    "QueueWatch",
    "Ratio",
    "Waiting",
    "read_queue_status",
    "spoken_wait",
]
