-- DropIndex
DROP INDEX "uploads_user_id_idx";

-- AlterTable
ALTER TABLE "uploads" ADD COLUMN     "bytes" BIGINT,
ADD COLUMN     "received_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "uploads_user_id_created_at_id_idx" ON "uploads"("user_id", "created_at", "id");
