-- Live pages listen on the channel patchcord_calls. The payload holds ids only: what callers say is read with the reader's own rights.

-- Tells listeners that a turn or an event was added.
CREATE FUNCTION notify_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('patchcord_calls', json_build_object('table', TG_TABLE_NAME, 'call_id', NEW.call_id, 'id', NEW.id)::text);
    RETURN NULL;
END $$;

-- Tells listeners that a call began or ended.
CREATE FUNCTION notify_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('patchcord_calls', json_build_object('table', TG_TABLE_NAME, 'call_id', NEW.id, 'id', NEW.id)::text);
    RETURN NULL;
END $$;

-- A new turn.
CREATE TRIGGER turns_notify AFTER INSERT ON turns FOR EACH ROW EXECUTE FUNCTION notify_part();

-- A new event.
CREATE TRIGGER events_notify AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION notify_part();

-- A call that began or changed.
CREATE TRIGGER calls_notify AFTER INSERT OR UPDATE ON calls FOR EACH ROW EXECUTE FUNCTION notify_call();
