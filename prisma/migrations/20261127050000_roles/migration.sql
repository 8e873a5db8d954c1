-- Jobs whose worker died. Only adds: the previous version of the services runs on this schema as well. Privileges of the
-- services' database users are not granted here but by `npm run grant`, which knows their names.

-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "worker_losses" SMALLINT NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "jobs_worker_losses_idx" ON "jobs"("worker_losses");
