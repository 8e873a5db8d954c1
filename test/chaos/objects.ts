import type { Stack } from './stack.ts'

/** What is wrong between the rows and the store. */
export type ObjectFaults = {
  /** Objects below tasks/ that no task names. */
  unnamed: string[]
  /** Outputs that a task names and that are not there, or not whole. */
  broken: string[]
}

/** Compares what tasks name with what the store holds. */
export async function compareObjects({
  query,
  storage,
}: Pick<Stack, 'query' | 'storage'>): Promise<ObjectFaults> {
  const rows = await query<{ outputs: { key: string; bytes: number }[] }>('SELECT outputs FROM tasks')
  const named = new Map(rows.flatMap(({ outputs }) => outputs.map(({ key, bytes }) => [key, bytes] as const)))
  const stored = new Map<string, number>()
  for await (const { key, bytes } of storage.list('tasks/')) stored.set(key, bytes)
  return {
    unnamed: [...stored.keys()].filter((key) => !named.has(key)),
    broken: [...named].filter(([key, bytes]) => stored.get(key) !== bytes).map(([key]) => key),
  }
}
