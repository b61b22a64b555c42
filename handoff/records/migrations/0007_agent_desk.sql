-- What people note on the agent's page.

-- How a call ended, in the words of who took it.
CREATE TABLE agent_wrap_ups (
    call_id     text NOT NULL,
    agent       text NOT NULL,               -- user name at the desk
    card_id     text NOT NULL DEFAULT '',
    disposition text NOT NULL,
    notes       text NOT NULL DEFAULT '',
    saved_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (call_id, agent)
);

-- What was done about callers who wait to be called back; no row: nothing yet.
CREATE TABLE callback_work (
    callback_id uuid PRIMARY KEY,
    agent       text NOT NULL,
    tries       integer NOT NULL DEFAULT 0,
    due_at      timestamptz,                 -- put off until then
    done_at     timestamptz
);

-- Callbacks that are not done.
CREATE INDEX callback_work_open ON callback_work (due_at) WHERE done_at IS NULL;
