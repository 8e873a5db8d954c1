import { expect, test } from '@jest/globals'
import { mixChannels } from './channel-mix.ts'

const STEREO = 'aformat=sample_fmts=fltp:channel_layouts=stereo'
const MONO = 'aformat=sample_fmts=fltp:channel_layouts=mono'
const LIMITER = 'alimiter=limit=0.707946:level=0:attack=5:release=50:latency=1'

test.each([
  ['stereo stays as it is', { channels: 2 }, 2, `aresample,${STEREO}`],
  ['mono stays as it is', { channels: 1 }, 1, `aresample,${MONO}`],
  ['5.1 is limited', { channels: 6 }, 2, `aresample,${STEREO},${LIMITER}`],
  ['what was mixed before is limited', { channels: 2, mixed: true }, 2, `aresample,${STEREO},${LIMITER}`],
  [
    'mono keeps its level',
    { channels: 1 },
    2,
    `volume=volume='if(eq(nb_channels,1),sqrt(2),1)',aresample,${STEREO}`,
  ],
  ['stereo is averaged', { channels: 2 }, 1, `aresample,${STEREO},pan=mono|c0=0.5*c0+0.5*c1,${MONO}`],
] as const)('%s', (_, source, target, filters) => {
  expect(mixChannels(source, target, 'aresample').join()).toBe(filters)
})
