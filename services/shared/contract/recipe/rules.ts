import { formatOf } from '../formats.ts'
import type { RecipeFields } from './fields.ts'
import type { Output } from './output.ts'
import { outputIssues } from './output-rules.ts'

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

const ENDS = ['intro', 'outro'] as const

const bumperIsImageOrClip: Rule = ({ bumper }) =>
  ENDS.flatMap((end) =>
    issueIf(
      bumper?.[end]?.image && bumper[end].clip,
      ['bumper', end, 'clip'],
      'give either `image` or `clip`, not both',
    ),
  )

/** A clip would have to be decoded again for every part. */
const partsHaveNoBumperClips: Rule = ({ bumper, split }) =>
  ENDS.flatMap((end) =>
    issueIf(
      split && bumper?.[end]?.clip,
      ['bumper', end, 'clip'],
      '`split` does not support bumper clips; use an `image`',
    ),
  )

const RULES = [
  outputOrOutputs,
  frameHasSize,
  aspectIsNotRedundant,
  blurNeedsBars,
  bumperIsImageOrClip,
  partsHaveNoBumperClips,
]

const everyKindIs = (kind: 'audio' | 'silent', outputs: Output[]) =>
  outputs.length > 0 && outputs.every(({ format }) => formatOf(format).kind === kind)

const videoEditsNeedVideo: Rule = (recipe, outputs) =>
  (['frame', 'bumper', 'watermark', 'thumbnails'] as const).flatMap((field) =>
    issueIf(everyKindIs('audio', outputs) && recipe[field], [field], 'requires an output with video'),
  )

const splitHasOneOutput: Rule = ({ split }, outputs) =>
  issueIf(split && outputs.length > 1, ['split'], '`split` supports only one output; remove the others')

const partsAreNotGif: Rule = ({ split }, [first]) =>
  issueIf(
    split && first && formatOf(first.format).kind === 'silent',
    ['split'],
    `\`split\` does not support \`${first?.format}\` outputs; choose mp4, webm, mov, mkv or an audio format`,
  )

const partsHaveNoThumbnails: Rule = ({ split, thumbnails }) =>
  issueIf(
    split && thumbnails,
    ['thumbnails'],
    '`split` does not support thumbnails; request them in a task without `split`',
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
  splitHasOneOutput,
  partsAreNotGif,
  partsHaveNoThumbnails,
  normalizeNeedsAudio,
  namesAreDistinct,
]
