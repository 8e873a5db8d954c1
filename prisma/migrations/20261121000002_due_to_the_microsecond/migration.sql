-- Rounded to milliseconds, what is due now was due only up to half a millisecond later, and a claim or a sender that
-- came at once found nothing. More digits change no stored value: neither the tables nor the indexes are rewritten.

-- AlterTable
ALTER TABLE "jobs" ALTER COLUMN "run_after" SET DATA TYPE TIMESTAMPTZ(6),
ALTER COLUMN "ring_at" SET DATA TYPE TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "notifications" ALTER COLUMN "due_at" SET DATA TYPE TIMESTAMPTZ(6);
