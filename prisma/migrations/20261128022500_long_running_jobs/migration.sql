-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "long_running" BOOLEAN NOT NULL DEFAULT false;
