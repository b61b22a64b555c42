-- Calls and what was said and done in them. Times are milliseconds from the start of the call.
--
-- No foreign keys to calls: records of one call may come from two processes (the first one died), in either order, and none may be refused.
-- Every id is made by the writer, so that writing a record again changes nothing.

-- One row per call that reached us.
CREATE TABLE calls (
    id          text PRIMARY KEY,
    started_at  timestamptz,             -- null only until call_started arrives
    ended_at    timestamptz,
    number      text NOT NULL DEFAULT '', -- what was dialled
    caller      text NOT NULL DEFAULT '', -- caller id as the network gave it
    route       text NOT NULL DEFAULT '',
    channel     text NOT NULL DEFAULT '',
    outcome     text NOT NULL DEFAULT '',
    reason      text NOT NULL DEFAULT '',
    stats       jsonb NOT NULL DEFAULT '{}',
    ended_seq   bigint NOT NULL DEFAULT 0 -- order of the record that ended it: the newest one holds
);

-- The list of calls, newest first.
CREATE INDEX calls_by_start ON calls (started_at DESC NULLS LAST, id);

-- A call by the beginning of its id.
CREATE INDEX calls_by_prefix ON calls (id text_pattern_ops);

-- One row for each thing said by one side.
CREATE TABLE turns (
    id          uuid PRIMARY KEY,
    seq         bigint NOT NULL,         -- order of writing
    call_id     text NOT NULL,
    number      integer NOT NULL,
    who         text NOT NULL CHECK (who IN ('caller', 'agent')),
    said        text NOT NULL,           -- agent: the whole sentence meant
    heard       text NOT NULL,           -- agent: what the caller had heard of it
    started_ms  bigint NOT NULL,
    ended_ms    bigint NOT NULL,
    via         text NOT NULL,
    interrupted boolean NOT NULL,
    latency_ms  jsonb NOT NULL DEFAULT '{}'
);

-- The turns of a call in order.
CREATE INDEX turns_of_call ON turns (call_id, number, seq);

-- One row for each thing that happened.
CREATE TABLE events (
    id      uuid PRIMARY KEY,
    seq     bigint NOT NULL,
    call_id text NOT NULL,
    kind    text NOT NULL,
    at_ms   bigint NOT NULL,
    data    jsonb NOT NULL DEFAULT '{}'
);

-- The events of a call in order.
CREATE INDEX events_of_call ON events (call_id, seq);

-- Context cards, as handoff/card.schema.json describes them.
CREATE TABLE cards (
    id         text PRIMARY KEY,
    seq        bigint NOT NULL,
    call_id    text NOT NULL,
    created_at timestamptz NOT NULL,
    body       jsonb NOT NULL
);

-- The newest card of a call.
CREATE INDEX cards_of_call ON cards (call_id, seq);

-- Callers who wait to be called back.
CREATE TABLE callbacks (
    id       uuid PRIMARY KEY,
    seq      bigint NOT NULL,
    call_id  text NOT NULL,
    asked_at timestamptz NOT NULL,
    number   text NOT NULL,
    queue    text NOT NULL
);

-- The newest callback of a call.
CREATE INDEX callbacks_of_call ON callbacks (call_id, seq);
