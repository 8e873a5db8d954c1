-- AlterTable
ALTER TABLE "users" ADD COLUMN     "webhook_secret" TEXT;

-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "notifies" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "notifications" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "task_id" UUID NOT NULL,
    "channel" TEXT NOT NULL,
    "target" TEXT,
    "due_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "delivered_at" TIMESTAMPTZ(3),
    "given_up_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "notifications_due_at_idx" ON "notifications"("due_at");

-- CreateIndex
CREATE UNIQUE INDEX "notifications_task_id_channel_key" ON "notifications"("task_id", "channel");

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A task's notifications fall due in the statement that ends it, whichever that is: finish, fail, abort, or the sweep,
-- of this version or of the one before. A task that is queued again makes them wait for its next end, which is
-- another event and so has another id; whoever is still sending the old one can no longer write about it.
-- With its owner's rights: the services' own come only after the migration, by scripts/grant.ts.
CREATE FUNCTION "task_notifications_follow"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.status IN ('queued', 'running') THEN
    UPDATE notifications SET id = gen_random_uuid(), due_at = NULL, attempts = 0, delivered_at = NULL,
      given_up_at = NULL, last_error = NULL
    WHERE task_id = NEW.id;
  ELSE
    UPDATE notifications SET due_at = now() WHERE task_id = NEW.id;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER "task_notifications_follow" AFTER UPDATE OF status ON "tasks" FOR EACH ROW
WHEN ((OLD.status IN ('queued', 'running')) <> (NEW.status IN ('queued', 'running')))
EXECUTE FUNCTION "task_notifications_follow"();
