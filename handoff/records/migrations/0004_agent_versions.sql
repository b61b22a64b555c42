-- Versions of agents, and which of them new calls get.

-- One row per published version. The files are everything it was made of, so that it can be put back whatever became of them.
CREATE TABLE agent_versions (
    agent        text NOT NULL,
    version      integer NOT NULL CHECK (version > 0),
    published_at timestamptz NOT NULL DEFAULT now(),
    files        jsonb NOT NULL,          -- file name to text, the agent's own first
    digest       text NOT NULL,           -- of the files
    note         text NOT NULL DEFAULT '',
    PRIMARY KEY (agent, version)
);

-- What new calls get: percentages of an agent's versions, 100 in all.
CREATE TABLE agent_splits (
    agent   text NOT NULL,
    version integer NOT NULL,
    percent integer NOT NULL CHECK (percent BETWEEN 1 AND 100),
    PRIMARY KEY (agent, version),
    FOREIGN KEY (agent, version) REFERENCES agent_versions
);
