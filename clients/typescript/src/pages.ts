import type { CallOptions } from './call.ts'

export type PageOptions = CallOptions & {
  /** By default, the newest come first. */
  oldestFirst?: boolean
}

/** The values of `order` in queries. */
export const orderOf = ({ oldestFirst = false }: PageOptions): '0' | '1' => (oldestFirst ? '0' : '1')

type Page<Item> = { items: Item[]; next: string | null }

/** The items of all pages; the next page is fetched when it is needed. */
export async function* allPages<Item>(
  fetchPage: (page: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let page: string | undefined
  do {
    const { items, next } = await fetchPage(page)
    yield* items
    page = next ?? undefined
  } while (page)
}
