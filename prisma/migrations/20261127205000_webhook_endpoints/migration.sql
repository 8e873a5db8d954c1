-- Webhook endpoints of accounts, and their deliveries of events. Only adds: the previous version of the services runs on this schema
-- as well, and its events are delivered, too.

-- CreateTable
CREATE TABLE "webhook_endpoints" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "user_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "types" TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "endpoint_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "sequence" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "due_at" TIMESTAMPTZ(6),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "attempted_at" TIMESTAMPTZ(3),
    "delivered_at" TIMESTAMPTZ(3),
    "given_up_at" TIMESTAMPTZ(3),
    "reply_status" SMALLINT,
    "last_error" TEXT,

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "webhook_endpoints_user_id_created_at_id_idx" ON "webhook_endpoints"("user_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "webhook_deliveries_endpoint_id_attempts_due_at_idx" ON "webhook_deliveries"("endpoint_id", "attempts", "due_at");

-- CreateIndex
CREATE INDEX "webhook_deliveries_endpoint_id_created_at_id_idx" ON "webhook_deliveries"("endpoint_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "webhook_deliveries_user_id_sequence_idx" ON "webhook_deliveries"("user_id", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_deliveries_endpoint_id_sequence_key" ON "webhook_deliveries"("endpoint_id", "sequence");

-- AddForeignKey
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_user_id_sequence_fkey" FOREIGN KEY ("user_id", "sequence") REFERENCES "events"("user_id", "sequence") ON DELETE CASCADE ON UPDATE CASCADE;

-- An event is also put down for delivery to each endpoint that wants its type. The times of deliveries are in the order of the
-- numbers of their events, because the counter is locked.
CREATE OR REPLACE FUNCTION "append_event"(owner UUID, event_type TEXT, subject UUID, event_data JSONB) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  next BIGINT;
BEGIN
  INSERT INTO event_counters AS counters (user_id, last) VALUES (owner, 1)
  ON CONFLICT (user_id) DO UPDATE SET last = counters.last + 1 RETURNING last INTO next;
  INSERT INTO events (user_id, sequence, type, task_id, data, created_at)
  VALUES (owner, next, event_type, subject, event_data, clock_timestamp());
  INSERT INTO webhook_deliveries (endpoint_id, user_id, sequence, created_at, due_at)
  SELECT id, owner, next, clock_timestamp(), clock_timestamp() FROM webhook_endpoints
  WHERE user_id = owner AND enabled AND event_type = ANY(types);
  IF FOUND THEN
    PERFORM pg_notify('cutroom_webhook', '');
  END IF;
  DELETE FROM events WHERE user_id = owner AND sequence = next - 100000;
  PERFORM pg_notify('cutroom_event', owner::text);
END
$$;
