-- Cards that change while a transfer goes on, and calls found by what was said in them.

-- Of two states of one card the higher revision holds, in whatever order they are written.
ALTER TABLE cards
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz;            -- null: never since it was made

-- Cards since a moment, for pages that were away.
CREATE INDEX cards_by_change ON cards ((COALESCE(updated_at, created_at)));

-- Calls by intent.
CREATE INDEX cards_by_intent ON cards ((body -> 'intent' ->> 'code'));

-- A card that was made or has changed.
CREATE TRIGGER cards_notify AFTER INSERT OR UPDATE ON cards FOR EACH ROW EXECUTE FUNCTION notify_part();

-- Turns by their words, in every language alike: no word is cut to its stem, none is left out.
CREATE INDEX turns_by_words ON turns USING gin (to_tsvector('simple', said));

