import { expect, test } from '@jest/globals'
import { createCommand } from './run-ffmpeg.ts'

test('the installed fluent-ffmpeg has the private methods that the runner replaces, with the same parameters', () => {
  const command = createCommand()
  expect(command._getFfmpegPath).toHaveLength(1)
  expect(command._checkCapabilities).toHaveLength(1)
  expect(command._spawnFfmpeg).toHaveLength(4)
})

test('the installed fluent-ffmpeg starts ffmpeg through them only', async () => {
  const command = createCommand().input('in.mp4').output('out.mp4')
  const asked = Promise.withResolvers<string>()
  Object.assign(command, {
    _spawnFfmpeg: (_args: string[], _options: object, ...callbacks: ((error: Error) => void)[]) => {
      callbacks.at(-1)?.(new Error('replaced'))
    },
  })
  command.on('error', ({ message }: Error) => asked.resolve(message)).run()
  expect(await asked.promise).toContain('replaced')
})

test.each(['_getFfmpegPath', '_checkCapabilities', '_spawnFfmpeg'])(
  'a fluent-ffmpeg without %s is refused, with advice',
  (method) => {
    const changed = () => Object.assign(createCommand(), { [method]: undefined }) as never
    expect(() => createCommand(changed)).toThrow(
      `This version of fluent-ffmpeg has no private method ${method}, which run-ffmpeg.ts replaces to guard ffmpeg. ` +
        'Install fluent-ffmpeg 2.1.3 again, or adapt buildCommand in run-ffmpeg.ts.',
    )
  },
)
