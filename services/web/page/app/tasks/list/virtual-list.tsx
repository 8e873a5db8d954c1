import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { route } from '../../route.ts'
import { indicesOf, type Rows, visibleRows } from './visible-rows.ts'

/** As `.virtual-list` in the styles. */
const ROW_REM = 4.5
/** Further items are asked for this many rows before the end. */
const NEAR_END = 25

type Props<Item> = {
  label: string
  items: readonly Item[]
  hasMore: boolean
  /** Where the page is scrolled to; kept when the list is left. */
  position: { top: number }
  onNearEnd: () => void
  children: (item: Item) => ComponentChildren
}

/**
 * A list of rows of one height, of which only those in sight are in the document: it costs the same however long it is. The page
 * scrolls, not the list. Arrow keys move between rows.
 */
export function VirtualList<Item extends { id: string }>({
  label,
  items,
  hasMore,
  position,
  onNearEnd,
  children,
}: Props<Item>) {
  const list = useRef<HTMLOListElement>(null)
  const rows = useSignal<Rows>({ first: 0, end: 0 })
  const focused = useSignal<string | undefined>(undefined)
  const rowHeight = ROW_REM * rem()

  const measure = () => {
    const top = list.current?.getBoundingClientRect().top ?? 0
    const next = visibleRows({ top, rowHeight, count: items.length }, innerHeight)
    const { first, end } = rows.peek()
    if (next.first !== first || next.end !== end) rows.value = next
    if (hasMore && next.end > items.length - NEAR_END) onNearEnd()
  }
  const latest = useRef(measure)
  latest.current = measure
  useLayoutEffect(measure, [items.length, hasMore])
  useEffect(() => {
    scrollTo(0, position.top)
    const onScroll = () => {
      // The next view may scroll before this one is removed.
      if (route.peek().view === 'tasks') position.top = scrollY
      latest.current()
    }
    addEventListener('scroll', onScroll, { passive: true })
    addEventListener('resize', onScroll)
    return () => {
      removeEventListener('scroll', onScroll)
      removeEventListener('resize', onScroll)
    }
  }, [])

  const move = (from: number, by: number) => {
    const to = Math.min(Math.max(from + by, 0), items.length - 1)
    const link = (index: number) =>
      list.current?.querySelector<HTMLElement>(`[aria-posinset="${index + 1}"] a`)
    link(to)?.focus()
  }
  const focusedIndex =
    focused.value === undefined ? undefined : items.findIndex(({ id }) => id === focused.value)
  const { first, end } = rows.value
  const shown = indicesOf({ first, end: Math.min(end, items.length) }, focusedIndex)
  return (
    <ol
      ref={list}
      class="virtual-list"
      aria-label={label}
      style={{ height: `${items.length * rowHeight}px` }}
    >
      {shown.map((index) => {
        const item = items[index]
        return (
          item && (
            <li
              key={item.id}
              style={{ transform: `translateY(${index * rowHeight}px)` }}
              aria-posinset={index + 1}
              aria-setsize={hasMore ? -1 : items.length}
              onFocusCapture={() => (focused.value = item.id)}
              onBlurCapture={() => (focused.value = undefined)}
              onKeyDown={(event) => {
                const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
                if (by === undefined) return
                event.preventDefault()
                move(index, by)
              }}
            >
              {children(item)}
            </li>
          )
        )
      })}
    </ol>
  )
}

/** Pixels of the root's font size, which people may choose. */
const rem = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
