-- The log of what happened to each user's tasks and uploads. Only adds: the previous version of the services runs on this schema
-- as well, and what it does is logged, too, since triggers write the events.

-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "progress_logged_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "event_counters" (
    "user_id" UUID NOT NULL,
    "last" BIGINT NOT NULL,

    CONSTRAINT "event_counters_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "events" (
    "user_id" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "task_id" UUID,
    "data" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "events_pkey" PRIMARY KEY ("user_id","sequence")
);

-- CreateIndex
CREATE INDEX "events_task_id_sequence_idx" ON "events"("task_id", "sequence");

-- CreateIndex
CREATE INDEX "events_created_at_idx" ON "events"("created_at");

-- AddForeignKey
ALTER TABLE "event_counters" ADD CONSTRAINT "event_counters_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "events" ADD CONSTRAINT "events_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "event_counters"("user_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Adds an event with the user's next number. The counter's row stays locked until the transaction ends, so that numbers are given
-- in the order of the commits: who has read an event has not missed one with a lower number. Of each user, the latest 100,000
-- events are kept. SECURITY DEFINER, because the services' users get their privileges only after the migration
-- (services/ops/grant.ts), and because nothing but these triggers may write the log.
CREATE FUNCTION "append_event"(owner UUID, event_type TEXT, subject UUID, event_data JSONB) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  next BIGINT;
BEGIN
  INSERT INTO event_counters AS counters (user_id, last) VALUES (owner, 1)
  ON CONFLICT (user_id) DO UPDATE SET last = counters.last + 1 RETURNING last INTO next;
  INSERT INTO events (user_id, sequence, type, task_id, data, created_at)
  VALUES (owner, next, event_type, subject, event_data, clock_timestamp());
  DELETE FROM events WHERE user_id = owner AND sequence = next - 100000;
  PERFORM pg_notify('cutroom_event', owner::text);
END
$$;
REVOKE EXECUTE ON FUNCTION "append_event" FROM PUBLIC;

-- A time as JSON replies have it.
CREATE FUNCTION "event_time"(instant TIMESTAMPTZ) RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Progress is logged every 10 seconds at most: marks the update that is.
CREATE FUNCTION "mark_logged_progress"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.progress_logged_at = now();
  RETURN NEW;
END
$$;

CREATE TRIGGER "mark_logged_progress" BEFORE UPDATE OF progress ON "tasks" FOR EACH ROW
WHEN (OLD.status = 'running' AND NEW.status = 'running' AND NEW.progress > OLD.progress
  AND (OLD.progress_logged_at IS NULL OR OLD.progress_logged_at <= now() - interval '10 seconds'))
EXECUTE FUNCTION "mark_logged_progress"();

CREATE FUNCTION "log_task_event"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM append_event(
    NEW.user_id,
    CASE WHEN TG_OP = 'INSERT' THEN 'task.created' WHEN NEW.status <> OLD.status THEN 'task.' || NEW.status ELSE 'task.progress' END,
    NEW.id,
    jsonb_build_object(
      'id', NEW.id, 'status', NEW.status, 'progress', NEW.progress, 'preset', NEW.preset, 'attempts', NEW.attempts,
      'error', CASE WHEN NEW.error IS NOT NULL THEN
        jsonb_build_object('code', NEW.error->'code', 'message', left(NEW.error->>'message', 300)) END,
      'outputs', jsonb_path_query_array(NEW.outputs, '$[0 to 2]'), 'output_count', jsonb_array_length(NEW.outputs),
      'created_at', event_time(NEW.created_at), 'started_at', event_time(NEW.started_at),
      'finished_at', event_time(NEW.finished_at)));
  RETURN NULL;
END
$$;

CREATE FUNCTION "log_task_deletion"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  -- Not those that go with their account.
  IF EXISTS (SELECT FROM users WHERE id = OLD.user_id AND deleted_at IS NULL) THEN
    PERFORM append_event(OLD.user_id, 'task.deleted', OLD.id, jsonb_build_object('id', OLD.id));
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION "log_upload_event"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM append_event(NEW.user_id, 'upload.completed', NULL, jsonb_build_object(
    'upload_id', NEW.id, 'filename', NEW.filename, 'content_type', NEW.content_type, 'bytes', NEW.bytes,
    'created_at', event_time(NEW.created_at), 'expires_at', event_time(NEW.expires_at)));
  RETURN NULL;
END
$$;

-- Deferred to the commit: the counter is locked for the shortest time, and after all other rows, which excludes deadlocks.
CREATE CONSTRAINT TRIGGER "log_created_task" AFTER INSERT ON "tasks" DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION "log_task_event"();

CREATE CONSTRAINT TRIGGER "log_changed_task" AFTER UPDATE OF status, progress ON "tasks" DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status <> OLD.status OR NEW.progress_logged_at IS DISTINCT FROM OLD.progress_logged_at)
EXECUTE FUNCTION "log_task_event"();

CREATE CONSTRAINT TRIGGER "log_deleted_task" AFTER DELETE ON "tasks" DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION "log_task_deletion"();

CREATE CONSTRAINT TRIGGER "log_completed_upload" AFTER UPDATE OF received_at ON "uploads" DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.received_at IS NULL AND NEW.received_at IS NOT NULL)
EXECUTE FUNCTION "log_upload_event"();
