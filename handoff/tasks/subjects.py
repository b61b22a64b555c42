"""What jobs are about, as their rows name it."""

from handoff.tasks.job import JobFailed


def ended_call(subject: str) -> tuple[str, int]:
    """``CALL/SEQ``: one end of one call. Raises JobFailed."""
    call_id, _, seq = subject.rpartition("/")
    if not call_id or not seq.isdecimal():
        raise JobFailed("the subject is not CALL/SEQ")
    return call_id, int(seq)


def event_of(subject: str) -> tuple[str, str]:
    """``EVENT/ID``: the event, and what it is about (for call.ended CALL/SEQ). Raises JobFailed."""
    event, _, about = subject.partition("/")
    if not event or not about:
        raise JobFailed("the subject is not EVENT/ID")
    return event, about
