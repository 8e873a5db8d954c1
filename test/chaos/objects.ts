import type { Stack } from './stack.ts'

/** Differences between the tasks' rows and the storage. */
export type ObjectDifferences = {
  /** Objects below tasks/ that no task names. */
  orphaned: string[]
  /** Outputs that a task names but that are missing or incomplete. */
  broken: string[]
}

/** Compares the outputs that tasks name with the objects in storage. */
export async function compareObjects({
  query,
  storage,
}: Pick<Stack, 'query' | 'storage'>): Promise<ObjectDifferences> {
  const rows = await query<{ outputs: { key: string; bytes: number }[] }>('SELECT outputs FROM tasks')
  const named = new Map(rows.flatMap(({ outputs }) => outputs.map(({ key, bytes }) => [key, bytes] as const)))
  const stored = new Map<string, number>()
  for await (const { key, bytes } of storage.list('tasks/')) stored.set(key, bytes)
  return {
    orphaned: [...stored.keys()].filter((key) => !named.has(key)),
    broken: [...named].filter(([key, bytes]) => stored.get(key) !== bytes).map(([key]) => key),
  }
}
