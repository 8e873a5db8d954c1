import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { createSources } from './open-source.ts'
import { type RangeServer, startRangeServer } from './range-server.ts'
import { answerWith, startTestHost } from './testing/source-host.ts'

const run = promisify(execFile)

let dir: string
let rangeServer: RangeServer
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-playlists-'))
  rangeServer = await startRangeServer(silentLogger)
})
afterAll(async () => {
  await rangeServer.close()
  await rm(dir, { recursive: true })
})

test.each([
  ['HLS', (inside: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n${inside}\n#EXT-X-ENDLIST\n`],
  ['an HLS master', (inside: string) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${inside}\n`],
  ['ffconcat', (inside: string) => `ffconcat version 1.0\nfile '${inside}'\n`],
  [
    'DASH',
    (inside: string) =>
      '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S"><Period>' +
      '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" codecs="avc1.4d001e">' +
      `<BaseURL>${inside}</BaseURL><SegmentBase indexRange="0-10"/>` +
      '</Representation></AdaptationSet></Period></MPD>',
  ],
])(
  'a playlist (%s) does not make ffmpeg fetch its URLs, even without a format whitelist',
  async (_, list) => {
    const inside = await startTestHost((_request, response) => response.end('secret'))
    const outside = await startTestHost((request, response) =>
      answerWith(Buffer.from(list(`${inside.origin}/segment.ts`)), request, response),
    )
    const open = createSources({
      storage: { stat: async () => undefined, read: async () => Readable.from([]) },
      limits: { allowHosts: [outside.hostPort], maxBytes: 1e6, readTimeoutMs: 5000 },
      rangeServer,
      log: silentLogger,
    })
    const source = await open.open({ url: `${outside.origin}/clip.mp4` }, dir, AbortSignal.timeout(60_000))
    const { inputOptions, url } = source.input
    await expect(
      run('ffmpeg', ['-nostdin', '-v', 'error', ...inputOptions, '-i', url, '-f', 'null', '-']),
    ).rejects.toThrow()
    expect(inside.requests).toEqual([])
    await source.close()
    await open.close()
    await outside.close()
    await inside.close()
  },
  60_000,
)
