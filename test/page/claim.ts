import type { Page } from 'playwright-core'

/** What a step finds: the address of the page, a test video, and what the services have logged so far. */
export type Stage = { url: string; clip: string; output: () => string }

/**
 * A claim about the page, and what tries it; `issues` is what went wrong in the browser so far. `detailed`: it goes into the details of
 * one view, and is left out of the short form.
 */
export type Claim = [
  claim: string,
  check: (page: Page, stage: Stage, issues: string[]) => Promise<void>,
  options?: { detailed: true },
]

/** One key after the other. */
export async function press(page: Page, keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}
