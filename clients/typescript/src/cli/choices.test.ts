import { expect, test } from '@jest/globals'
import { EventType } from '../../../../services/shared/contract/events/events.ts'
import { PresetName } from '../../../../services/shared/contract/presets.ts'
import { RecipeRequest } from '../../../../services/shared/contract/recipe.ts'
import { TaskStatus } from '../../../../services/shared/contract/tasks.ts'
import { CreateWebhook } from '../../../../services/shared/contract/webhooks/endpoints.ts'
import { EDIT_CHOICES } from './commands/edit-options.ts'
import { list } from './commands/tasks.ts'
import { DEFAULT_TYPES, EVENT_TYPES } from './deliveries/bodies.ts'

test('the values that are completed and explained are those of the contract', () => {
  expect(new Set(EDIT_CHOICES.preset)).toEqual(new Set(PresetName.options))
  expect(list.choices?.status).toEqual(TaskStatus.options)
  expect(new Set(EVENT_TYPES)).toEqual(new Set(EventType.options))
  const { types } = CreateWebhook.parse({ url: 'https://example.com/hooks' })
  expect(new Set(DEFAULT_TYPES)).toEqual(new Set(types))
})

test.each([
  ['to', EDIT_CHOICES.to, (format: string) => ({ output: { format } })],
  ['fit', EDIT_CHOICES.fit, (fit: string) => ({ frame: { width: 640, fit } })],
  ['quality', EDIT_CHOICES.quality, (quality: string) => ({ output: { quality } })],
  ['audio', EDIT_CHOICES.audio, (audio: string) => ({ audio })],
])('the service accepts every value of --%s', (_option, values, toRecipe) => {
  const accepted = values.filter((value) => RecipeRequest.safeParse(toRecipe(value)).success)
  expect(accepted).toEqual(values)
  expect(RecipeRequest.safeParse(toRecipe('other')).success).toBe(false)
})
