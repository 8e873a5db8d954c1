import { answerWith } from '#batch/sources/testing/source-host.ts'
import * as habits from '../habits.ts'
import { clip, H264, plays } from '../inputs.ts'
import type { CorpusCase, Habit, Kind, RightError } from '../types.ts'
import { ENCODE } from './recipes.ts'

/** Large enough to be read in several ranges. */
const source = clip('mp4', `${H264} -b:v 4M -minrate 4M -bufsize 1M -x264-params nal-hrd=cbr -g 30`, 6)

function from(
  id: string,
  title: string,
  habit: Habit,
  more: { path?: string; reports?: string; error?: RightError } = {},
): CorpusCase {
  const { path, reports, error } = more
  return {
    ...{ id: `host-${id}`, title, ...(reports ? { reports } : {}), inputs: [source] },
    ...{ trims: [{ start: 2.5, duration: 2 }], recipe: ENCODE, host: { habit, ...(path ? { path } : {}) } },
    right: error ?? { seconds: 2, scenes: [plays(0, 2, 75)], beats: [0.5, 1.5] },
  }
}

const plain: Habit = (bytes) => (request, response) => answerWith(bytes, request, response)

export const hosts: Kind = {
  title: 'Hosts and their habits (a trim of an MP4 by URL)',
  cases: [
    from('plain', 'Ranges as HTTP specifies them', plain),
    from('one-connection', 'One connection at a time, else 429 with Retry-After', habits.oneAtATime(429), {
      reports: 'bezzad/Downloader.Desktop#14 aria2/aria2#577',
    }),
    from('one-connection-503', 'One connection at a time, else 503', habits.oneAtATime(503)),
    from('new-etag', 'An ETag that is new with every answer', habits.newEtag, {
      reports: 'DHowett/ranger#10',
    }),
    from('modified-now', 'Last-Modified is always now', habits.modifiedNow),
    from('end-ignored', 'Ranges whose end is ignored', habits.endIgnored, { reports: 'larksuite/cli#2176' }),
    from('capped', 'Ranges of at most 64 KiB', habits.capped(65_536)),
    from('no-ranges', '200 for ranges', habits.wholeOnly),
    from('no-length', 'Chunked, without a length', habits.chunked),
    from('gzip', 'Content-Encoding: gzip, always', habits.gzipped),
    from('page-type', 'Content-Type: text/html, but media', habits.typed('text/html')),
    from('xml-type', 'Content-Type: application/xml, but media', habits.typed('application/xml')),
    from('cookie', 'Sets a cookie and redirects to itself', habits.cookie),
    from('redirects', 'Three redirects', habits.redirects(3)),
    from('signed', 'A signed query with %2F and %3D', habits.exactQuery('?sig=a%2Fb%3D&x=%2520'), {
      path: 'clip.mp4?sig=a%2Fb%3D&x=%2520',
    }),
    from('unicode', 'Spaces and unicode in the path', plain, { path: 'my%20clip%20%C3%A9+1.mp4' }),
    from('head-forbidden', '403 for HEAD', habits.withoutHead),
    from('busy-thrice', '429 three times, then good', habits.busyAtFirst(3)),
    from('weak-etag', 'A weak ETag', habits.weakEtag),
    ...([400, 405, 406] as const).map((status) =>
      from(String(status), `Answers ${status}`, habits.refusing(status), {
        error: { code: 'source.rejected' },
      }),
    ),
    from('404', 'Answers 404', habits.refusing(404), { error: { code: 'source.not_found' } }),
    from('451', 'Answers 451', habits.refusing(451), { error: { code: 'source.denied' } }),
    from('403', 'Answers 403', habits.refusing(403), { error: { code: 'source.denied' } }),
    from('page', 'A web page', habits.page, {
      ...{ reports: 'fluid-player/fluid-player#800 dyc3/opentogethertube#792' },
      error: { code: 'source.not_media' },
    }),
    from('loop', 'A redirect loop', habits.redirects(Number.POSITIVE_INFINITY), {
      error: { code: 'source.rejected' },
    }),
  ],
}
