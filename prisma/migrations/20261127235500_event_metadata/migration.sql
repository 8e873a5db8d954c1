-- Events of tasks have the metadata, too, where there is any. Only adds: the previous version of the services runs on this schema as
-- well.
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
      'finished_at', event_time(NEW.finished_at))
    || CASE WHEN NEW.metadata = '{}' THEN '{}'::jsonb ELSE jsonb_build_object('metadata', NEW.metadata) END);
  RETURN NULL;
END
$$;
