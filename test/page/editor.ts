import type { Page } from 'playwright-core'

/** Opens a group of choices. */
export const openSection = (page: Page, name: string) =>
  page.locator('.option > summary').filter({ hasText: name }).first().click()

/** Chooses an option of a list. */
export const choose = (page: Page, name: string, value: string) =>
  page.getByRole('combobox', { name, exact: true }).selectOption(value)

/** The recipe that the page asks for. */
export async function recipe(page: Page) {
  const request = (await page.locator('.request pre').textContent()) ?? ''
  return JSON.parse(/-d '(.*)'/s.exec(request)?.[1] ?? '{}').recipe
}
