import { strict as assert } from 'node:assert'
import type { Locator, Page } from 'playwright-core'
import { type Claim, press } from './claim.ts'

const TASK_MS = 120_000
/** More than any view has of what can have the focus. */
const MAX_TABS = 150

/** What can be done without a pointer. */
export const KEYBOARD_CLAIMS: Claim[] = [
  [
    'from sign-up to playing the result by the keyboard alone',
    async (page, { clip }) => {
      const button = (name: string) => page.getByRole('button', { name })
      await enter(page, button('New here?'))
      const name = `ada-keys-${process.pid}`
      for (const [label, value] of [
        ['User name', name],
        ['E-mail', `${name}@example.org`],
        ['Password', 'correct horse battery staple'],
      ] as const) {
        await tabTo(page, page.getByLabel(label, { exact: true }))
        await page.keyboard.type(value)
      }
      await press(page, ['Enter'])
      await page.getByRole('heading', { name: 'What shall we cut?' }).waitFor()
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        enter(page, button('Choose files')),
      ])
      await chooser.setFiles(clip)
      await page.getByText('25 fps').waitFor()
      await press(page, ['Home', 'ArrowRight', 'i', 'ArrowRight', 'ArrowRight', 'o'])
      await page.locator('.keeps').getByText('0:02.040').waitFor()
      await tabTo(page, page.getByRole('slider', { name: 'End of the clip' }))
      await press(page, ['ArrowLeft'])
      await page.locator('.keeps').getByText('0:02.000').waitFor()
      await page.getByText('Uploaded ·').waitFor()
      await enter(page, button('Make it'))
      await page.locator('video.player').waitFor({ timeout: TASK_MS })
      await enter(page, page.getByRole('button', { name: 'Play', exact: true }))
      await page.waitForFunction(() => document.querySelector<HTMLVideoElement>('video.player')?.ended)
    },
  ],
]

/** Reaches an element with the Tab key, which shows where the focus is. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  const hasFocus = () => target.evaluate((element) => element === document.activeElement)
  for (let tabs = 0; tabs < MAX_TABS; tabs++) {
    if (await hasFocus()) {
      assert.ok(
        await target.evaluate((element) => element.matches(':focus-visible')),
        `${target} shows its focus`,
      )
      return
    }
    await page.keyboard.press('Tab')
  }
  assert.fail(`the Tab key does not reach ${target}`)
}

async function enter(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('Enter')
}
