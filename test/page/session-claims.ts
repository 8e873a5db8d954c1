import { strict as assert } from 'node:assert'
import { signUp } from './browser.ts'
import type { Claim } from './claim.ts'

/** What holds when a session ends, and in several tabs. */
export const SESSION_CLAIMS: Claim[] = [
  [
    'an expired session asks to log in again, and keeps what was entered',
    async (page, { clip }, issues) => {
      const { email, password } = await signUp(page)
      await page.locator('input[type=file]').setInputFiles(clip)
      await page.getByText('Uploaded').waitFor()
      await page.evaluate(() => localStorage.setItem('cutroom.refresh', 'cr_ended'))
      // A dry run that ended the session first would take the button away.
      await page.route('**/tasks', (route) => route.fulfill({ status: 401, json: { code: 'auth.required' } }))
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.getByText('Your session has ended').waitFor()
      await page.unroute('**/tasks')
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByText('holiday.mp4').first().waitFor()
      issues.splice(0)
    },
  ],
  [
    'a page that was left in Spanish is in Spanish after a reload',
    async (page) => {
      const isSpanish = () => page.getByRole('heading', { name: 'Hola de nuevo' }).waitFor()
      await page.getByLabel('Language').selectOption('es')
      await isSpanish()
      await page.reload()
      await isSpanish()
      assert.equal(await page.locator('html').getAttribute('lang'), 'es')
    },
  ],
  [
    'a tab whose refresh token another one has just replaced goes on with the new one',
    async (page, { url }, issues) => {
      await signUp(page)
      await page.route(
        '**/auth/refresh',
        async (route) => {
          // As if the other tab's token came late.
          const reply = await fetch(`${url}/auth/refresh`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: route.request().postData(),
          })
          const { refresh_token } = (await reply.json()) as { refresh_token: string }
          await route.fulfill({ status: 409, json: { code: 'auth.refresh_replaced' } })
          await page.evaluate((token) => localStorage.setItem('cutroom.refresh', token), refresh_token)
        },
        { times: 1 },
      )
      await page.reload()
      await page.getByRole('link', { name: /^Account ada/ }).waitFor()
      // The refusal, which browsers list as an error.
      issues.splice(0)
    },
    { detailed: true },
  ],
  [
    'two tabs share a session: both go on after a refresh at the same time, and both are logged out',
    async (page, { url }, issues) => {
      await signUp(page)
      const other = await page.context().newPage()
      await other.goto(url)
      const isReady = (tab: typeof page) => tab.getByRole('link', { name: /^Account ada/ }).waitFor()
      await isReady(other)
      // Tokens are kept in memory, so each gets a new one now.
      await Promise.all([page.reload(), other.reload()])
      await Promise.all([isReady(page), isReady(other)])
      await page.getByRole('button', { name: 'Log out' }).click()
      await other.getByRole('heading', { name: 'Welcome back' }).waitFor()
      assert.equal(await other.evaluate(() => localStorage.getItem('cutroom.refresh')), null)
      // One tab may ask while the token of the other is on its way: it gets a reply that the browser reports.
      const conflict = issues.findIndex((issue) => issue.endsWith('status of 409 (Conflict)'))
      if (conflict >= 0) issues.splice(conflict, 1)
    },
  ],
]
