-- Destinations of tasks. Only adds: the previous version of the services runs on this schema as well.

-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "destination" JSONB;

-- CreateTable
CREATE TABLE "task_destinations" (
    "task_id" UUID NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "task_destinations_pkey" PRIMARY KEY ("task_id")
);

-- CreateIndex
CREATE INDEX "task_destinations_created_at_idx" ON "task_destinations"("created_at");

-- AddForeignKey
ALTER TABLE "task_destinations" ADD CONSTRAINT "task_destinations_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Deletes a task's destination in the statement that ends the task for good, whichever statement that is, of this version of
-- the code or another. A failed task keeps it: it may be retried.
-- SECURITY DEFINER, because the services' users get their privileges only after the migration (services/ops/grant.ts).
CREATE FUNCTION "task_destinations_delete"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM task_destinations WHERE task_id = NEW.id;
  RETURN NULL;
END
$$;

CREATE TRIGGER "task_destinations_delete" AFTER UPDATE OF status ON "tasks" FOR EACH ROW
WHEN (NEW.status IN ('succeeded', 'aborted') AND OLD.status <> NEW.status AND NEW.destination IS NOT NULL)
EXECUTE FUNCTION "task_destinations_delete"();
