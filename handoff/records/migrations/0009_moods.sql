-- Calls found by the mood of the caller and by the rules that held in them.

-- Calls by the moods that the caller had.
CREATE INDEX events_by_mood ON events ((data->>'label'), call_id) WHERE kind = 'emotion';

-- Calls by rule; what a rule did is read from the few rows that are left.
CREATE INDEX events_by_rule ON events ((data->>'rule'), call_id) WHERE kind = 'escalation_rule';
