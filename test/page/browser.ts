import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** A container has no sandbox of its own to offer, and tests need neither a graphics card nor Chromium's services. */
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The path of an installed Chromium; undefined when there is none. */
export async function findChromium(env = process.env): Promise<string | undefined> {
  const candidates = [
    ...(env.CHROMIUM_PATH ? [env.CHROMIUM_PATH] : []),
    ...(env.PATH ?? '').split(delimiter).flatMap((dir) => NAMES.map((name) => join(dir, name))),
  ]
  for (const path of candidates) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  return undefined
}

export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ARGS })

/** A page in a fresh profile, and what went wrong in all of its tabs: errors on the console, exceptions, and reports of the policy. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; issues: string[] }> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  })
  const issues: string[] = []
  context.on('console', (message) => message.type() === 'error' && issues.push(`console: ${message.text()}`))
  context.on('weberror', (error) => issues.push(`exception: ${error.error().message}`))
  await context.exposeFunction('reportViolation', (text: string) => issues.push(`policy: ${text}`))
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    reportViolation(event.effectiveDirective + ' ' + event.blockedURI))`)
  const page = await context.newPage()
  await page.goto(url)
  return { page, issues }
}

let count = 0

/** Creates an account on the page; its first screen is shown then. */
export async function signUp(page: Page): Promise<{ email: string; password: string }> {
  const username = `ada-${process.pid}-${++count}`
  const account = { email: `${username}@example.org`, password: 'correct horse battery staple' }
  await page.getByRole('button', { name: 'New here?' }).click()
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('E-mail').fill(account.email)
  await page.getByLabel('Password', { exact: true }).fill(account.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('heading', { name: 'What shall we cut?' }).waitFor()
  return account
}
