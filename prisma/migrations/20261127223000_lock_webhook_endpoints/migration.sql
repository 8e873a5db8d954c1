-- Locks the endpoints that an event is queued for: one that is being deleted is skipped, where its foreign key would fail the
-- transaction that the event is part of.
CREATE OR REPLACE FUNCTION "append_event"(owner UUID, event_type TEXT, subject UUID, event_data JSONB) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  next BIGINT;
BEGIN
  INSERT INTO event_counters AS counters (user_id, last) VALUES (owner, 1)
  ON CONFLICT (user_id) DO UPDATE SET last = counters.last + 1 RETURNING last INTO next;
  INSERT INTO events (user_id, sequence, type, task_id, data, created_at)
  VALUES (owner, next, event_type, subject, event_data, clock_timestamp());
  INSERT INTO webhook_deliveries (endpoint_id, user_id, sequence, created_at, due_at)
  SELECT id, owner, next, clock_timestamp(), clock_timestamp() FROM webhook_endpoints
  WHERE user_id = owner AND enabled AND event_type = ANY(types) FOR KEY SHARE;
  IF FOUND THEN
    PERFORM pg_notify('cutroom_webhook', '');
  END IF;
  DELETE FROM events WHERE user_id = owner AND sequence = next - 100000;
  PERFORM pg_notify('cutroom_event', owner::text);
END
$$;
