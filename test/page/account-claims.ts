import { strict as assert } from 'node:assert'
import type { Page } from 'playwright-core'
import { signUp } from './browser.ts'
import type { Claim } from './claim.ts'

const NEW_PASSWORD = 'a new battery for the horse'

/** What holds for the account page, and for the views that e-mails link to. */
export const ACCOUNT_CLAIMS: Claim[] = [
  [
    'an API key is shown once, works, and can be revoked',
    async (page, { url }) => {
      await signUp(page)
      await open(page, 'API keys')
      await page.getByLabel('Name', { exact: true }).fill('render farm')
      await page.getByRole('button', { name: 'Create key' }).click()
      await page.getByRole('button', { name: 'Copy key' }).click()
      const key = await page.evaluate(() => navigator.clipboard.readText())
      const list = () => fetch(`${url}/tasks`, { headers: { Authorization: `Bearer ${key}` } })
      assert.equal((await list()).status, 200)
      await page.reload()
      await page.getByText('render farm').waitFor()
      assert.equal(await page.getByText(key).count(), 0)
      await page.getByRole('button', { name: 'Revoke' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
      await page.getByText('You have no API keys').waitFor()
    },
  ],
  [
    'the password is changed, other sessions end, and the activity lists it',
    async (page, { url }) => {
      const { email, password } = await signUp(page)
      const login = (password: string) => logIn(url, { email, password })
      assert.equal(await login(password), 200)
      await open(page, 'Profile')
      await page.getByLabel('New password').fill(NEW_PASSWORD)
      await page.getByLabel('Current password').fill(password)
      await page.getByRole('button', { name: 'Change password' }).click()
      await page.getByText('Your password has been changed').waitFor()
      assert.equal(await login(NEW_PASSWORD), 200)
      await page.getByRole('link', { name: 'Sessions' }).click()
      await page.locator('.row').nth(1).waitFor()
      // The session of the first log-in has ended, that of the page and that of the second are there.
      assert.equal(await page.locator('.row').count(), 2)
      await page.getByRole('button', { name: 'End all other sessions' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'End all other sessions' }).click()
      await page.locator('.row').nth(1).waitFor({ state: 'detached' })
      await page.getByRole('link', { name: 'Activity' }).click()
      await page.getByText('Password changed').waitFor()
    },
    { detailed: true },
  ],
  [
    'a forgotten password is replaced through the link of the e-mail',
    async (page, { url, output }) => {
      const { email } = await signUp(page)
      await page.getByRole('button', { name: 'Log out' }).click()
      await page.getByRole('link', { name: 'Forgot your password?' }).click()
      await page.getByLabel('E-mail').fill(email)
      await page.getByRole('button', { name: 'Send the link' }).click()
      await page.getByText('an e-mail is on its way').waitFor()
      // Without a mail server, a local installation writes the link to its log.
      const token = /password_reset link.*\?token=([\w-]{43})(?![\s\S]*password_reset link)/.exec(
        output(),
      )?.[1]
      await page.goto(`${url}/auth/password-reset?token=${token}`)
      await page.getByLabel('New password').fill(NEW_PASSWORD)
      await page.getByRole('button', { name: 'Set password' }).click()
      await page.getByRole('link', { name: 'Log in' }).click()
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD)
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByRole('heading', { name: 'What shall we cut?' }).waitFor()
    },
    { detailed: true },
  ],
  [
    'the data can be exported, and the account deleted',
    async (page, { url }) => {
      const { email, password } = await signUp(page)
      await open(page, 'Profile')
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download' }).click(),
      ])
      assert.equal(file.suggestedFilename(), 'cutroom-account.json')
      await page.getByRole('button', { name: 'Delete account' }).click()
      await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password)
      await page.getByRole('button', { name: 'Delete for good' }).click()
      await page.getByRole('heading', { name: 'Welcome back' }).waitFor()
      assert.equal(await logIn(url, { email, password }), 401)
    },
    { detailed: true },
  ],
]

async function open(page: Page, section: string): Promise<void> {
  await page.getByRole('link', { name: /^Account/ }).click()
  await page.getByRole('link', { name: section }).click()
}

/** The status of a log-in from elsewhere. */
async function logIn(url: string, credentials: object): Promise<number> {
  const reply = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(credentials),
  })
  return reply.status
}
