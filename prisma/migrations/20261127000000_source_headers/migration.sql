-- CreateTable
CREATE TABLE "source_headers" (
    "task_id" UUID NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "source_headers_pkey" PRIMARY KEY ("task_id")
);

-- CreateIndex
CREATE INDEX "source_headers_created_at_idx" ON "source_headers"("created_at");

-- AddForeignKey
ALTER TABLE "source_headers" ADD CONSTRAINT "source_headers_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Deletes a task's headers in the statement that ends the task for good, whichever statement that is, of this version of
-- the code or another. A failed task keeps them: it may be retried.
-- SECURITY DEFINER, because the services' users get their privileges only after the migration (services/ops/grant.ts).
CREATE FUNCTION "task_source_headers_delete"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM source_headers WHERE task_id = NEW.id;
  RETURN NULL;
END
$$;

CREATE TRIGGER "task_source_headers_delete" AFTER UPDATE OF status ON "tasks" FOR EACH ROW
WHEN (NEW.status IN ('succeeded', 'aborted') AND OLD.status <> NEW.status)
EXECUTE FUNCTION "task_source_headers_delete"();
