-- The desk: who may log in, who is, and what was done.

-- People. Names are in small letters.
CREATE TABLE desk_users (
    name          text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9._-]{0,31}$'),
    role          text NOT NULL CHECK (role IN ('agent', 'supervisor', 'admin', 'auditor')),
    phone         text NOT NULL DEFAULT '', -- SIP account; empty: none
    password_hash text NOT NULL,            -- argon2id
    created_at    timestamptz NOT NULL DEFAULT now(),
    password_at   timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz               -- null: may log in
);

-- Who is logged in. The id in the browser's cookie is not here, only its SHA-256.
CREATE TABLE desk_sessions (
    key        bytea PRIMARY KEY,
    user_name  text NOT NULL REFERENCES desk_users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);

-- All sessions of one person, to end them.
CREATE INDEX desk_sessions_of_user ON desk_sessions (user_name);

-- What was done, numbered without gaps; each row's seal covers the row and the seal before it (handoff/desk/audit.py).
CREATE TABLE desk_audit (
    seq     bigint PRIMARY KEY,
    at      timestamptz NOT NULL,
    actor   text NOT NULL,
    role    text NOT NULL,
    action  text NOT NULL,
    call_id text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    detail  jsonb NOT NULL DEFAULT '{}',
    seal    bytea NOT NULL
);

-- What was done to one call.
CREATE INDEX desk_audit_of_call ON desk_audit (call_id, seq) WHERE call_id <> '';

-- What one person did.
CREATE INDEX desk_audit_of_actor ON desk_audit (actor, seq);

-- Rows of the audit stay as they are.
CREATE FUNCTION desk_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

-- No change, no removal.
CREATE TRIGGER desk_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk_audit FOR EACH STATEMENT EXECUTE FUNCTION desk_audit_stays();

-- Searches somebody made, by a number that says nothing: so that numbers of callers and words stay out of addresses.
CREATE TABLE desk_searches (
    id        text PRIMARY KEY,
    user_name text NOT NULL REFERENCES desk_users ON DELETE CASCADE,
    made_at   timestamptz NOT NULL DEFAULT now(),
    query     jsonb NOT NULL
);

-- The newest of one person; older ones are removed.
CREATE INDEX desk_searches_of_user ON desk_searches (user_name, made_at);

-- Calls of one member of a queue.
CREATE INDEX events_of_member ON events ((data->>'member'), call_id) WHERE data->>'member' IS NOT NULL;
