-- Names of tasks, and lists of them by name and by when they finished. Only adds: the previous version of the services runs on this
-- schema as well; the tasks that it creates have no name.

-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "search_text" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "source_names" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

-- CreateIndex
CREATE INDEX "tasks_user_id_status_finished_at_id_idx" ON "tasks"("user_id", "status", "finished_at", "id");

-- What a search looks through: the names of the sources and of the first outputs. Lists read it for many tasks, so it is small.
CREATE FUNCTION "task_search_text"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search_text = lower(array_to_string(NEW.source_names, E'\n') || coalesce((
    SELECT string_agg(E'\n' || left(output->>'name', 120), '')
    FROM jsonb_path_query(NEW.outputs, '$[0 to 19]') AS output
  ), ''));
  RETURN NEW;
END
$$;

CREATE TRIGGER "task_search_text" BEFORE INSERT OR UPDATE OF source_names, outputs ON "tasks" FOR EACH ROW
EXECUTE FUNCTION "task_search_text"();

-- Events have the name, too.
CREATE OR REPLACE FUNCTION "log_task_event"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM append_event(
    NEW.user_id,
    CASE WHEN TG_OP = 'INSERT' THEN 'task.created' WHEN NEW.status <> OLD.status THEN 'task.' || NEW.status ELSE 'task.progress' END,
    NEW.id,
    jsonb_build_object(
      'id', NEW.id, 'name', nullif(NEW.source_names[1], ''), 'status', NEW.status, 'progress', NEW.progress, 'preset', NEW.preset,
      'attempts', NEW.attempts, 'error', CASE WHEN NEW.error IS NOT NULL THEN
        jsonb_build_object('code', NEW.error->'code', 'message', left(NEW.error->>'message', 300)) END,
      'outputs', jsonb_path_query_array(NEW.outputs, '$[0 to 2]'), 'output_count', jsonb_array_length(NEW.outputs),
      'created_at', event_time(NEW.created_at), 'started_at', event_time(NEW.started_at),
      'finished_at', event_time(NEW.finished_at)));
  RETURN NULL;
END
$$;
