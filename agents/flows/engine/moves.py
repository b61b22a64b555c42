"""What a node decides: where the dialogue goes, or that it stops here and for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from agents.endpointing.evidence import Grasp
from agents.flows.acts import Act, Listen, Note, Say
from agents.flows.engine.scene import Scene


@dataclass(frozen=True, slots=True)
class Go:
    """On to the node ``target``."""

    target: str
    text: str = ""
    """The sentence that led there: it may hold more than was used of it."""
    before: tuple[Say | Note, ...] = ()
    """Said on the way."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The acts of this step. Without a call, a question to a model or an ending the caller has the floor after them."""

    acts: Sequence[Act] = ()
    new: bool = True
    """Its texts are those to repeat; False: they only lead up to the former ones."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The question that is open is put once more."""

    before: tuple[Say, ...] = ()


Move: TypeAlias = Go | Stop | AskAgain

N = TypeVar("N", contravariant=True)


class Passing(Protocol[N]):
    """A kind of node that is gone through, or that ends something."""

    def enter(self, scene: Scene, node: N, text: str) -> Move: ...


class Waiting(Passing[N], Protocol[N]):
    """A kind of node at which the caller is waited for."""

    def ask_again(self, scene: Scene, node: N) -> Stop:
        """The question as it stands, after something else was talked about."""
        ...

    def heard(self, scene: Scene, node: N, text: str) -> Move: ...

    def keyed(self, scene: Scene, node: N, keys: str) -> Move: ...

    def silent(self, scene: Scene, node: N) -> Move: ...

    def listen(self, scene: Scene, node: N) -> Listen: ...

    def grasp(self, scene: Scene, node: N, text: str) -> Grasp: ...
