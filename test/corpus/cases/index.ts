import type { Kind } from '../types.ts'
import { audio } from './audio.ts'
import { browsers } from './browser-recordings.ts'
import { joins } from './changing-streams.ts'
import { codecs } from './codecs.ts'
import { colours } from './colours.ts'
import { containers } from './containers.ts'
import { hosts } from './hosts.ts'
import { editing } from './joins.ts'
import { rawAudio } from './raw-audio.ts'
import { screens } from './screen-recordings.ts'
import { shapes } from './shapes.ts'
import { starts } from './stream-starts.ts'
import { trims } from './transport-streams.ts'
import { unusable } from './unusable.ts'

/** Every kind of input that is tried, in the order of docs/compatibility.md. */
export const kinds: Kind[] = [
  ...[trims, joins, rawAudio, browsers, screens, containers, starts, shapes, codecs],
  ...[audio, colours, editing, hosts, unusable],
]
