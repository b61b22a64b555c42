import json
import logging
import sys

from ari_app.logs import JsonFormatter


def test_an_event_is_one_json_line_with_its_fields() -> None:
    record = logging.makeLogRecord({"name": "x", "msg": "call_started", "levelno": 20, "levelname": "INFO", "call_id": "c\n1"})
    line = JsonFormatter("mind").format(record)
    entry = json.loads(line)
    assert "\n" not in line
    assert (entry["event"], entry["call_id"], entry["process"], entry["level"]) == ("call_started", "c\n1", "mind", "info")


def test_an_exception_is_kept() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        record = logging.makeLogRecord({"msg": "failed", "levelno": 40, "levelname": "ERROR", "exc_info": sys.exc_info()})
    assert "ValueError: broken" in json.loads(JsonFormatter("mind").format(record))["exception"]
