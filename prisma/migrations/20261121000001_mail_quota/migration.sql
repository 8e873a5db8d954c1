-- AlterTable
ALTER TABLE "users" ADD COLUMN     "mails_until" TIMESTAMPTZ(3);
