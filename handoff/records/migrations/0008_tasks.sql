-- Work that is done after its reason, in a process of its own: reviews of calls, webhooks, callbacks, recordings, retention.

-- Jobs. A row is written in the transaction of its reason, handed to the worker from here, and handed again when nothing came of it.
-- While a job is being done its row is locked: so it is done by one at a time, and a dead worker's is free at once.
CREATE TABLE task_runs (
    task        text NOT NULL,
    subject     text NOT NULL,              -- what it is about: the same job is written once
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'handed', 'done', 'failed')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    due_at      timestamptz NOT NULL DEFAULT now(),
    handed_at   timestamptz,
    finished_at timestamptz,
    starts      integer NOT NULL DEFAULT 0, -- begun and not brought to any end: the worker died
    tries       integer NOT NULL DEFAULT 0, -- brought to an end that was none: an error, or too early
    error       text NOT NULL DEFAULT '',   -- of the last try; never what somebody said
    PRIMARY KEY (task, subject)
);

-- Jobs that are not over, by the time they are due.
CREATE INDEX task_runs_open ON task_runs (due_at) WHERE state IN ('waiting', 'handed');

-- Jobs that are over, to remove old ones.
CREATE INDEX task_runs_over ON task_runs (finished_at) WHERE state IN ('done', 'failed');

-- One call in a few words, and how well it went.
CREATE TABLE call_reviews (
    call_id   text PRIMARY KEY,
    ended_seq bigint NOT NULL,             -- of the end of the call that was looked at: the newest holds
    made_at   timestamptz NOT NULL DEFAULT now(),
    summary   text NOT NULL,
    facts     jsonb NOT NULL DEFAULT '[]', -- statements of the summary, each with its turn
    score     integer CHECK (score BETWEEN 0 AND 100), -- null: nothing in the call could be measured
    parts     jsonb NOT NULL DEFAULT '{}'  -- name to value, score and weight
);

-- Events that receivers are told of, one row for each receiver.
CREATE TABLE webhook_deliveries (
    id           text PRIMARY KEY,         -- of event and receiver; the idempotency key
    event        text NOT NULL,            -- call.ended, card.created, callback.requested
    subject      text NOT NULL,            -- id of the call, card or callback
    receiver     text NOT NULL,            -- its name in the settings
    happened_at  timestamptz NOT NULL,
    tries        integer NOT NULL DEFAULT 0,
    last_status  integer,                  -- HTTP; null: no answer
    delivered_at timestamptz
);

-- Deliveries that are not made, by receiver.
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (receiver) WHERE delivered_at IS NULL;

-- Deliveries that nobody tries any more.
CREATE TABLE webhook_dead_letters (
    delivery_id text PRIMARY KEY REFERENCES webhook_deliveries ON DELETE CASCADE,
    died_at     timestamptz NOT NULL DEFAULT now(),
    reason      text NOT NULL
);

-- Callbacks whose time had come, and that people were told of. What they did about them is in callback_work.
CREATE TABLE callbacks_due (
    callback_id uuid PRIMARY KEY,
    due_since   timestamptz NOT NULL DEFAULT now()
);

-- A job, unless it is there.
CREATE FUNCTION add_task(wanted_task text, wanted_subject text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO task_runs (task, subject) VALUES (wanted_task, wanted_subject) ON CONFLICT (task, subject) DO NOTHING
$$;

-- Each end of a call is a reason of its own: a caller may come back from a queue.
CREATE FUNCTION tasks_of_ended_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_task(task, NEW.id || '/' || NEW.ended_seq) FROM unnest(ARRAY['review', 'recording']) AS task;
    PERFORM add_task('announce', 'call.ended/' || NEW.id || '/' || NEW.ended_seq);
    RETURN NULL;
END $$;

-- A card that is made is told of; one that changes is not.
CREATE FUNCTION tasks_of_card() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_task('announce', 'card.created/' || NEW.id);
    RETURN NULL;
END $$;

-- Calling back is looked for by the clock, since it has its hours.
CREATE FUNCTION tasks_of_callback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_task('announce', 'callback.requested/' || NEW.id);
    RETURN NULL;
END $$;

-- A call that ended.
CREATE TRIGGER calls_tasks AFTER INSERT OR UPDATE OF ended_seq ON calls FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL)
EXECUTE FUNCTION tasks_of_ended_call();

-- A new card.
CREATE TRIGGER cards_tasks AFTER INSERT ON cards FOR EACH ROW EXECUTE FUNCTION tasks_of_card();

-- Somebody who wants to be called back.
CREATE TRIGGER callbacks_tasks AFTER INSERT ON callbacks FOR EACH ROW EXECUTE FUNCTION tasks_of_callback();
