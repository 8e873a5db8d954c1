/** A word that the vocabulary replaced. The glossary in CONTRIBUTING.md explains the preferred terms. */
export type Term = {
  /** Tested against one word of the text, in lower case: `publishAt` and `publish_at` are the words publish and at. */
  word?: RegExp
  /** Tested against whole identifiers, as they are written. */
  identifier?: RegExp
  /** Tested against whole lines. */
  phrase?: RegExp
  /** `code` leaves prose alone: comments, strings and documents may use the word in its plain sense. */
  in: 'anywhere' | 'code'
  prefer: string
}

export const TERMS: Term[] = [
  { word: /^(ring|rings|rang|rung|ringing)$/, in: 'anywhere', prefer: 'publish, republish' },
  { word: /^(doorbell|doorbells)$/, in: 'anywhere', prefer: 'queue, push endpoint' },
  { word: /^(litter|litters|littered)$/, in: 'anywhere', prefer: 'orphaned objects' },
  { word: /^(strike|strikes|struck|striking)$/, in: 'anywhere', prefer: 'clean up, delete, expire' },
  { word: /^unheard$/, in: 'anywhere', prefer: 'unpublished' },
  { identifier: /^demand[A-Z]/, in: 'anywhere', prefer: 'assertX, requireX, enforceX' },
  { word: /^said$/, in: 'anywhere', prefer: 'log_tail, output, stderr' },
  {
    word: /^(hear|hears|heard|hearing|told)$/,
    in: 'anywhere',
    prefer: 'listener, onProgress, report, notify',
  },
  { word: /^(tell|tells|telling)$/, in: 'code', prefer: 'report, notify' },
  { word: /^(place|places|placed)$/, in: 'code', prefer: 'index, slot, directory, upload URL' },
  { word: /^(picture|pictures)$/, in: 'anywhere', prefer: 'image, video' },
  { word: /^(sound|sounds)$/, in: 'anywhere', prefer: 'audio' },
  { word: /^(look|looks|looked|looking)$/, in: 'code', prefer: 'probe, inspect, poll, fetch' },
  { word: /^(made|making|makings)$/, in: 'code', prefer: 'rendered, created, result, output file' },
  { identifier: /^(Bits?|asBits?|[a-z]+Bits?Of)$/, in: 'code', prefer: 'clip chain, bit rate' },
  { word: /^(stretch|stretches|drawn)$/, in: 'code', prefer: 'clip chain, filter graph, stream label' },
  { word: /^(room|rooms)$/, in: 'anywhere', prefer: 'module, free space' },
  { phrase: /\b(one|this) computer\b/i, in: 'anywhere', prefer: 'locally, this machine' },
  {
    phrase: /\bwords? of (the|an?|its|their|tasks?'s?) (\w+'s? )?ends?\b/i,
    in: 'anywhere',
    prefer: 'webhooks and e-mail',
  },
  { word: /^(objection|objections)$/, in: 'anywhere', prefer: 'rejection reason, issues' },
  { word: /^(complaint|complaints|complain|complains)$/, in: 'anywhere', prefer: 'issues, errors' },
  { word: /^(fault|faults)$/, in: 'code', prefer: 'issues, field errors, errors' },
  {
    identifier: /^describe(Api|Job|Operation|Output|Plan|Problem|Storage|Task|Upload|User)/,
    in: 'code',
    prefer: 'toX, buildX',
  },
  {
    identifier: /^(most|atOnce|keptFor|longestQueue)$/,
    in: 'code',
    prefer: 'MAX_…, CONCURRENCY, RETENTION…',
  },
  { word: /^patience$/, in: 'anywhere', prefer: 'TIMEOUT…' },
  { word: /^believed$/, in: 'code', prefer: 'cached' },
  { identifier: /^(Show[A-Z]\w*|showIdToken)$/, in: 'code', prefer: 'authenticate, present' },
]

/** Names and messages of ffmpeg and HTML that contain such a word. */
export const ALLOWED = /\battached[_ ]pics?\b|\bpng_pipe\b|\bPicture size\b|<picture\b/g
