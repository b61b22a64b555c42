"""Languages: every text that a call can come to is there in every language in which it can come there."""

from collections.abc import Collection, Iterator
from typing import Final

from agents.flows.definition import AgentDefinition, BranchNode, CollectNode, Node, ReturnNode, SetNode, WaitNode, texts_of
from agents.flows.errors import Problem
from agents.flows.hours import languages as hours_languages
from agents.flows.routes import LEAVING, Path, targets
from agents.flows.texts import Texts
from agents.wording.language import languages as spoken_languages

_WORD_LISTS: Final = {"agents/wording/languages": spoken_languages, "agents/flows/languages": hours_languages}
_ENDINGS: Final = ("to_person", "to_goodbye", "give_up", "time_up", "tool_trouble")
LANGUAGE: Final = "language"
"""The fact that holds the language of the call."""
_MAIN: Final = ""
"""Instead of the language in which a digression began: none is open."""


def language_problems(agent: AgentDefinition) -> Iterator[Problem]:
    """References that lead nowhere are another check's complaint: no text is missing behind them."""
    if len(set(agent.languages)) < len(agent.languages):
        yield Problem(("languages",), "a language stands here twice; keep one of them")
    for language in agent.languages:
        missing = [folder for folder, known in _WORD_LISTS.items() if language not in known()]
        if missing:
            files = " and ".join(f"{folder}/{language}.yaml" for folder in missing)
            yield Problem(("languages",), f"no words for speaking {language!r}; add {files}, or remove the language")
    for language in agent.voices:
        if language not in agent.languages:
            yield Problem(("voices", language), f"{language!r} is not among the languages {', '.join(agent.languages)}; add it there")
    for language, (path, texts) in _needed(agent):
        if not texts.speaks(language, agent.language):
            yield Problem(path, f"no text in {language!r}, in which a call can come here; write {{{language}: [...]}} here")


def _needed(agent: AgentDefinition) -> Iterator[tuple[str, tuple[Path, Texts]]]:
    """Language, path and texts of all that may be said."""
    spoken = languages_of_nodes(agent)
    used = {language for languages in spoken.values() for language in languages}
    for language in agent.languages:
        if language in used:
            idle = _never_said(agent, [name for name, languages in spoken.items() if language in languages])
            yield from ((language, (("everywhere", *path), texts)) for path, texts in texts_of(agent.everywhere) if path[0] not in idle)
            for name, languages in spoken.items():
                if language in languages:
                    yield from ((language, (("nodes", name, *path), texts)) for path, texts in texts_of(agent.nodes[name]))


def _never_said(agent: AgentDefinition, reached: Collection[str]) -> set[str]:
    """The keys of ``everywhere`` whose texts are of no use where only these nodes can be come to."""
    idle = set() if any(isinstance(agent.nodes[name], CollectNode) for name in reached) else {"corrected"}
    return idle if agent.everywhere.to_anything_else in reached else {*idle, "next_request"}


def languages_of_nodes(agent: AgentDefinition) -> dict[str, set[str]]:
    """In which languages each node can be come to; those to which no way leads are left out."""
    return _Spread(agent).found()


def _ways(node: Node, language: str) -> Iterator[str]:
    """Where ``node`` can lead in ``language``: a branch may ask for that alone."""
    if not isinstance(node, BranchNode):
        yield from targets(node)
        return
    for case in node.cases:
        decided = case.if_ is None or case.if_.names == frozenset({LANGUAGE})
        if not decided or case.if_ is None or case.if_.holds({LANGUAGE: language}):
            yield case.next
            if decided:
                return


class _Spread:
    """Follows every way through an agent together with the language of the call, which a set node changes.

    What works everywhere can be come to in every language that is in use anywhere. A digression goes back to the open question, in the
    language in which it ended; a wait node ends it. Going back and correcting restore the language of the question; so does starting over,
    unless the agent can say everything in the language of the call.
    """

    def __init__(self, agent: AgentDefinition) -> None:
        self._agent = agent
        self._seen: set[tuple[str, str, str]] = set()
        """Node, language, and the language in which the open digression began."""
        self._todo: list[tuple[str, str, str]] = []
        self._used: set[str] = set()
        self._returned: set[str] = set()
        """Languages in which a digression ended that began in another one."""

    def found(self) -> dict[str, set[str]]:
        agent, first = self._agent, self._agent.language
        for start in (agent.start, agent.resume, agent.everywhere.to_start_over):
            self._come(start, first, _MAIN)
        while self._todo:
            self._leave(*self._todo.pop())
        languages: dict[str, set[str]] = {}
        for name, language, _ in self._seen:
            languages.setdefault(name, set()).add(language)
        return {name: languages[name] for name in agent.nodes if name in languages}

    def _come(self, name: str | None, language: str, began: str) -> None:
        if name and isinstance(self._agent.nodes.get(name), WaitNode):
            began = _MAIN
        if name and name in self._agent.nodes and (name, language, began) not in self._seen:
            self._seen.add((name, language, began))
            self._todo.append((name, language, began))
            for other in self._returned if began == _MAIN else ():
                self._come(name, other, began)
            if language not in self._used:
                self._used.add(language)
                self._everywhere(language)

    def _everywhere(self, language: str) -> None:
        everywhere = self._agent.everywhere
        for key in _ENDINGS:
            self._come(getattr(everywhere, key), language, _MAIN)
        for target in (everywhere.to_help, *self._agent.digressions.values(), *self._agent.announcements.values()):
            self._come(target, language, language)

    def _leave(self, name: str, language: str, began: str) -> None:
        node = self._agent.nodes[name]
        if isinstance(node, ReturnNode):
            self._return(language, began)
        if isinstance(node, SetNode):
            language = node.language or language
        for target in _ways(node, language):
            self._come(target, language, began)

    def _return(self, language: str, began: str) -> None:
        everywhere = self._agent.everywhere
        if began == _MAIN:
            self._come(everywhere.to_anything_else or everywhere.to_goodbye, language, _MAIN)
        elif language != began and language not in self._returned:
            self._returned.add(language)
            for name, _, where in list(self._seen):
                if where == _MAIN and not isinstance(self._agent.nodes[name], LEAVING):
                    self._come(name, language, _MAIN)
