-- What the sweep looks for among the tasks of all users, and what deleting a task looks for. Only adds.
-- A partial index, which the Prisma schema cannot express: tasks whose outputs have expired would stay at its beginning for ever.
CREATE INDEX "tasks_finished_at_with_outputs_idx" ON "tasks"("finished_at") WHERE "outputs" <> '[]';

-- CreateIndex
CREATE INDEX "dead_letters_task_id_idx" ON "dead_letters"("task_id");
