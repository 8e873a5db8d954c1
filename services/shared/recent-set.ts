/** A set that forgets its oldest members beyond `max`. */
export type RecentSet<T> = { has(member: T): boolean; add(member: T): void }

/** Members are as old as the first time that they were added. */
export function createRecentSet<T>(max: number): RecentSet<T> {
  const members = new Set<T>()
  return {
    has: (member) => members.has(member),
    add(member) {
      members.add(member)
      for (const oldest of [...members].slice(0, -max)) members.delete(oldest)
    },
  }
}
