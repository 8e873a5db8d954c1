import { formatOf } from '../formats.ts'
import type { RecipeFields } from './fields.ts'
import type { Output } from './output.ts'
import { outputIssues } from './output-rules.ts'
import type { Source } from './source.ts'

/** A violated rule: the path of the field to change, and what is wrong with it. */
type RecipeIssue = { path: (string | number)[]; message: string }

type Rule = (recipe: RecipeFields, outputs: Output[]) => RecipeIssue[]

/** What is wrong between the fields of a recipe that are each valid on their own. */
export function recipeIssues(recipe: RecipeFields): RecipeIssue[] {
  const { output, outputs } = recipe
  const requested = outputs ?? (output ? [output] : [])
  const pathOf = (index: number) => (outputs ? ['outputs', index] : ['output'])
  return [
    ...RULES.flatMap((rule) => rule(recipe, requested)),
    ...requested.flatMap((one, index) =>
      outputIssues(one, recipe.audio).map(({ field, message }) => ({
        path: [...pathOf(index), field],
        message,
      })),
    ),
    ...RULES_BETWEEN_OUTPUTS.flatMap((rule) => rule(recipe, requested)),
  ]
}

/** What is wrong with the sources of a recipe whose clips are ranges of one of them. */
export function clipSourceIssues(
  { clips }: Pick<RecipeFields, 'clips'>,
  sources: Source[] = [],
): RecipeIssue[] {
  if (!clips) return []
  return [
    ...issueIf(sources.length > 1, ['sources'], '`clips` are ranges of one source; remove the others'),
    ...issueIf(
      sources[0]?.trim,
      ['sources', 0, 'trim'],
      'remove `trim`; each of the `clips` names its range',
    ),
  ]
}

const issueIf = (violated: unknown, path: RecipeIssue['path'], message: string): RecipeIssue[] =>
  violated ? [{ path, message }] : []

const outputOrOutputs: Rule = ({ output, outputs }) =>
  issueIf(output && outputs, ['outputs'], 'give either `output` or `outputs`, not both')

const frameHasSize: Rule = ({ frame }) =>
  issueIf(
    frame && !frame.width && !frame.height && !frame.aspect,
    ['frame', 'width'],
    'give `width`, `height` or `aspect`',
  )

const aspectIsNotRedundant: Rule = ({ frame }) =>
  issueIf(
    frame?.width && frame.height && frame.aspect,
    ['frame', 'aspect'],
    'remove `aspect`; `width` and `height` already define it',
  )

const blurNeedsBars: Rule = ({ frame }) =>
  issueIf(
    frame && frame.fit !== 'pad' && frame.background === 'blur',
    ['frame', 'background'],
    '`blur` requires `fit` to be `pad`',
  )

const positionNeedsCrop: Rule = ({ frame }) =>
  issueIf(
    frame?.position && frame.fit !== 'crop',
    ['frame', 'position'],
    '`position` requires `fit` to be `crop`',
  )

const ENDS = ['intro', 'outro'] as const

const bumperIsImageOrClip: Rule = ({ bumper }) =>
  ENDS.flatMap((end) =>
    issueIf(
      bumper?.[end]?.image && bumper[end].clip,
      ['bumper', end, 'clip'],
      'give either `image` or `clip`, not both',
    ),
  )

const splitOrClips: Rule = ({ split, clips }) =>
  issueIf(split && clips, ['clips'], 'give either `split` or `clips`, not both')

/** The field by which a recipe asks for parts. */
const partsField = ({ split, clips }: RecipeFields) => (split ? 'split' : clips ? 'clips' : undefined)

/** A bumper clip would have to be decoded again for every part. */
const partsHaveNoBumperClips: Rule = (recipe) => {
  const field = partsField(recipe)
  return ENDS.flatMap((end) =>
    issueIf(
      field && recipe.bumper?.[end]?.clip,
      ['bumper', end, 'clip'],
      `\`${field}\` does not support bumper clips; use an \`image\``,
    ),
  )
}

const RULES = [
  outputOrOutputs,
  frameHasSize,
  aspectIsNotRedundant,
  blurNeedsBars,
  positionNeedsCrop,
  bumperIsImageOrClip,
  splitOrClips,
  partsHaveNoBumperClips,
]

const everyKindIs = (kind: 'audio' | 'silent', outputs: Output[]) =>
  outputs.length > 0 && outputs.every(({ format }) => formatOf(format).kind === kind)

const videoEditsNeedVideo: Rule = (recipe, outputs) =>
  (['frame', 'bumper', 'watermark', 'thumbnails'] as const).flatMap((field) =>
    issueIf(everyKindIs('audio', outputs) && recipe[field], [field], 'requires an output with video'),
  )

const partsHaveOneOutput: Rule = (recipe, outputs) => {
  const field = partsField(recipe)
  if (!field) return []
  return issueIf(outputs.length > 1, [field], `\`${field}\` supports only one output; remove the others`)
}

const partsAreNotGif: Rule = (recipe, [first]) => {
  const field = partsField(recipe)
  if (!field || !first) return []
  return issueIf(
    formatOf(first.format).kind === 'silent',
    [field],
    `\`${field}\` does not support \`${first.format}\` outputs; choose mp4, webm, mov, mkv or an audio format`,
  )
}

const partsHaveNoThumbnails: Rule = (recipe) => {
  const field = partsField(recipe)
  return issueIf(
    field && recipe.thumbnails,
    ['thumbnails'],
    `\`${field}\` does not support thumbnails; request them in a task without \`${field}\``,
  )
}

const clipsHaveTheirNames: Rule = ({ clips }, outputs) =>
  outputs.flatMap((output) =>
    issueIf(clips && output.name, ['clips'], 'clips have names of their own; remove `name` from the output'),
  )

const normalizeNeedsAudio: Rule = ({ audio }, outputs) =>
  issueIf(
    audio === 'normalize' && everyKindIs('silent', outputs),
    ['audio'],
    '`normalize` requires an output with audio',
  )

const namesAreDistinct: Rule = (_, outputs) => {
  const names = outputs.map(({ name = 'output', format }) => `${name}.${format}`)
  return names.flatMap((name, index) =>
    issueIf(
      names.indexOf(name) < index,
      ['outputs', index, 'name'],
      `another output is already called ${name}; give each output its own \`name\``,
    ),
  )
}

const RULES_BETWEEN_OUTPUTS = [
  videoEditsNeedVideo,
  partsHaveOneOutput,
  partsAreNotGif,
  partsHaveNoThumbnails,
  clipsHaveTheirNames,
  normalizeNeedsAudio,
  namesAreDistinct,
]
