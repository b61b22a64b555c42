"""``patchcord agents test``: runs conversation files and says what differed."""

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack

from agents.library import AgentError
from agents.rehearsal.runner import Failure, FileResult, run_files
from ari_app.commands.agents.places import find_tests


async def test(options: argparse.Namespace) -> int:
    """Returns 1 when a file failed, could not be used or was skipped although it was named. Raises AgentError."""
    paths = find_tests(options.which, options.folder)
    if not paths:
        raise AgentError("no conversation files there; write one (./patchcord agents test --help) into the subfolder conversations")
    begun = time.monotonic()
    async with AsyncExitStack() as stack:
        live = None
        if options.live:
            from ari_app.commands.agents.live import live_parts

            live = await stack.enter_async_context(live_parts(options.data))
        results = await run_files(paths, live)
    took_s = time.monotonic() - begun
    print(json.dumps(as_json(results, took_s), indent=2) if options.json else "\n".join(report(results, took_s)))
    return 0 if all(result.passed or result.skipped for result in results) else 1


def report(results: Sequence[FileResult], took_s: float) -> Iterable[str]:
    """A line per file, then what differed, then the sum."""
    for result in results:
        word = "ok  " if result.passed else "skip" if result.skipped else "FAIL"
        about = f"  ({result.skipped})" if result.skipped else ""
        yield f"{word}  {result.took_s * 1000:6.0f} ms  {result.path}: {result.name}{about}"
    for result in results:
        if result.error:
            yield from ("", result.error)
        if result.failures:
            yield from _failures(result.failures)
    counts = [
        ("passed", sum(result.passed for result in results)),
        ("failed", sum(bool(result.failures or result.error) for result in results)),
        ("skipped", sum(bool(result.skipped) for result in results)),
    ]
    yield ""
    yield ", ".join(f"{count} {word}" for word, count in counts if count) + f" in {took_s:.1f} s"


def _failures(failures: Sequence[Failure]) -> Iterable[str]:
    yield ""
    for failure in failures:
        yield f"{failure.path}:{failure.line}: expected {failure.expected}"
        yield f"{'':4}got {failure.got}"
    yield "    the call so far:"
    yield from (f"      {line}" for line in failures[0].transcript)


def as_json(results: Sequence[FileResult], took_s: float) -> dict[str, object]:
    return {
        "passed": sum(result.passed for result in results),
        "failed": sum(bool(result.failures or result.error) for result in results),
        "skipped": sum(bool(result.skipped) for result in results),
        "took_s": round(took_s, 3),
        "files": [_file(result) for result in results],
    }


def _file(result: FileResult) -> dict[str, object]:
    return {
        "file": str(result.path),
        "name": result.name,
        "agent": result.agent,
        "result": "passed" if result.passed else "skipped" if result.skipped else "failed",
        "why": result.error or result.skipped,
        "took_ms": round(result.took_s * 1000, 1),
        "failures": [
            {"line": failure.line, "expected": failure.expected, "got": failure.got, "transcript": list(failure.transcript)}
            for failure in result.failures
        ],
    }
