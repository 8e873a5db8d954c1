-- CreateTable
-- UNLOGGED: a check writes no WAL and waits for no disk. A crash of the database empties the table, which costs nothing but
-- that all quotas start anew.
CREATE UNLOGGED TABLE "rate_limits" (
    "key" TEXT NOT NULL,
    "until" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "rate_limits_until_idx" ON "rate_limits"("until");
