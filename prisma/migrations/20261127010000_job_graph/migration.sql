-- Tasks that expand into several jobs. Only adds: the previous version of the services runs on this schema as well.

-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "expanded_at" TIMESTAMPTZ(3),
ADD COLUMN     "notified_at" TIMESTAMPTZ(6),
ADD COLUMN     "plan" JSONB;

-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "build" TEXT,
ADD COLUMN     "previous_error" JSONB,
ADD COLUMN     "params" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "progress" SMALLINT NOT NULL DEFAULT 0,
ADD COLUMN     "result" JSONB,
ADD COLUMN     "unblocks" UUID,
ADD COLUMN     "waits_for" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "weight" REAL NOT NULL DEFAULT 1;

-- CreateIndex
CREATE INDEX "jobs_status_waits_for_user_id_created_at_idx" ON "jobs"("status", "waits_for", "user_id", "created_at");

-- CreateIndex
CREATE INDEX "orphaned_objects_job_id_idx" ON "orphaned_objects"("job_id");
