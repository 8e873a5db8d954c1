-- CreateTable
CREATE TABLE "source_links" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "headers" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "source_links_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "source_links_user_id_created_at_idx" ON "source_links"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "source_links_expires_at_idx" ON "source_links"("expires_at");

-- AddForeignKey
ALTER TABLE "source_links" ADD CONSTRAINT "source_links_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
