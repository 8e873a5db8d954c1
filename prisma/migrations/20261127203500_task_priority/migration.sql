-- Priorities of tasks. Only adds: the previous version of the services runs on this schema as well, and claims by age.

-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "priority" SMALLINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "priority" SMALLINT NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "jobs_status_waits_for_user_id_priority_created_at_idx" ON "jobs"("status", "waits_for", "user_id", "priority" DESC, "created_at");
