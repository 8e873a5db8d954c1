-- Metadata of tasks. Only adds: the previous version of the services runs on this schema as well.

-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "metadata" JSONB NOT NULL DEFAULT '{}';

-- CreateTable
CREATE TABLE "task_metadata" (
    "task_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "pair" BYTEA NOT NULL,

    CONSTRAINT "task_metadata_pkey" PRIMARY KEY ("task_id","pair")
);

-- CreateIndex
CREATE INDEX "task_metadata_user_id_pair_created_at_task_id_idx" ON "task_metadata"("user_id", "pair", "created_at", "task_id");

-- AddForeignKey
ALTER TABLE "task_metadata" ADD CONSTRAINT "task_metadata_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;
