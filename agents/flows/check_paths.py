"""The ways through an agent: every node can be reached and left, none turns in circles without listening."""

from collections.abc import Collection, Iterator, Mapping, Set

from agents.flows.definition import AgentDefinition, BranchNode, CollectNode, Node, ReturnNode, SayNode, SetNode, ToolNode
from agents.flows.errors import Problem
from agents.flows.routes import LEAVING, entrances, reached, targets

Graph = Mapping[str, Set[str]]


def path_problems(agent: AgentDefinition) -> Iterator[Problem]:
    """For an agent in which every reference leads somewhere."""
    alive = reached(agent.nodes, (target for _, target in entrances(agent)))
    for name in agent.nodes:
        if name not in alive and "/" not in name:
            yield Problem(("nodes", name), "no way leads here; remove it, or name it where it belongs")
    yield from _stuck(agent, alive)
    yield from _loops(agent)
    for intent, target in agent.digressions.items():
        if not any(isinstance(agent.nodes[name], ReturnNode) for name in reached(agent.nodes, [target])):
            yield Problem(
                ("digressions", intent), f"{target!r} never comes back to the question; end it with do: return, or name the intent under on"
            )


def _stuck(agent: AgentDefinition, alive: Collection[str]) -> Iterator[Problem]:
    leaving = {name for name, node in agent.nodes.items() if isinstance(node, LEAVING)}
    backwards: dict[str, set[str]] = {}
    for name, node in agent.nodes.items():
        for target in targets(node):
            backwards.setdefault(target, set()).add(name)
    todo = list(leaving)
    while todo:
        fresh = backwards.get(todo.pop(), set()) - leaving
        leaving |= fresh
        todo += fresh
    stuck = [name for name in agent.nodes if name in alive and name not in leaving]
    if stuck:
        others = f" (nor from {', '.join(stuck[1:6])}{'…' if len(stuck) > 6 else ''})" if len(stuck) > 1 else ""
        yield Problem(("nodes", stuck[0]), f"no way from here{others} leads to an end, transfer, queue, callback or return; add one")


def _loops(agent: AgentDefinition) -> Iterator[Problem]:
    """Circles in which nobody listens.

    A collect node whose slot has a value is passed over (unless ``ask_if_known``), so it only counts as listening when a set node in the
    same circle empties the slot.
    """
    passing = {name: _passing(node) for name, node in agent.nodes.items() if _passing(node)}
    for circle in _circles(passing):
        if _endless(agent, passing, circle):
            names = [name for name in agent.nodes if name in circle]
            skipped = [name for name in names if isinstance(agent.nodes[name], CollectNode)]
            why = (
                f"; {skipped[0]!r} is passed over once its slot is known: set ask_if_known: true there"
                if skipped
                else "; let one of them ask"
            )
            through = f" (through {', '.join(names[1:6])})" if len(names) > 1 else ""
            yield Problem(("nodes", names[0]), f"leads back to itself without ever listening to the caller{through}{why}")


def _passing(node: Node) -> Set[str]:
    """Where a node can lead without anybody being listened to."""
    if isinstance(node, SayNode | BranchNode | SetNode | ToolNode):
        return targets(node)
    return {node.next} if isinstance(node, CollectNode) and not node.ask_if_known else set()


def _endless(agent: AgentDefinition, graph: Graph, circle: Set[str]) -> bool:
    """Whether some way around inside ``circle`` never asks: for each slot it avoids the collect nodes, or those that empty it."""
    collects: dict[str, set[str]] = {}
    for name in circle:
        node = agent.nodes[name]
        if isinstance(node, CollectNode):
            collects.setdefault(node.slot, set()).add(name)
    for slot, asking in collects.items():
        emptying = {name for name in circle if _empties(agent.nodes[name], slot)}
        if emptying:
            rests = (circle - asking, circle - emptying)
            return any(_endless(agent, graph, inner) for rest in rests for inner in _circles(_within(graph, rest)))
    return True


def _empties(node: Node, slot: str) -> bool:
    return isinstance(node, SetNode) and slot in node.values and not node.values[slot].names and node.values[slot].value({}) in (None, "")


def _within(graph: Graph, names: Set[str]) -> Graph:
    return {name: graph[name] & names for name in names}


def _circles(graph: Graph) -> Iterator[Set[str]]:
    """Strongly connected components with at least one edge inside (Tarjan, without recursion)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    for root in graph:
        if root in order:
            continue
        work = [(root, iter(sorted(graph[root] & graph.keys())))]
        order[root] = low[root] = len(order)
        stack.append(root)
        while work:
            name, following = work[-1]
            target = next(following, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == order[name]:
                    part = set(stack[stack.index(name) :])
                    del stack[stack.index(name) :]
                    if len(part) > 1 or name in graph[name]:
                        yield part
            elif target not in order:
                order[target] = low[target] = len(order)
                stack.append(target)
                work.append((target, iter(sorted(graph[target] & graph.keys()))))
            elif target in stack:
                low[name] = min(low[name], order[target])
