import type { Plan } from '../types.ts'

/**
 * A file that a job of an expanded task leaves for the stitch. `output` counts the recipe's outputs, `part` the parts of
 * a split result, and `name` is that of an image of the result.
 */
export type Piece =
  | { kind: 'video'; output: number; part: number; frames: number }
  | { kind: 'audio'; output: number }
  | { kind: 'image'; name: string }
  /** Frames of a sheet, not compressed, in order. */
  | { kind: 'tiles'; name: string }

/** What a job runs and checks, and the pieces that come of it. */
export type PiecesPlan = { plan: Plan; pieces: PlannedPiece[] }

/** A piece and the file that a run writes it to. */
export type PlannedPiece = { piece: Piece; path: string; contentType: string }

/** Whether two pieces are the same audio, or the same image. */
export const isSamePiece = (a: Piece, b: Piece): boolean =>
  (a.kind === 'audio' && b.kind === 'audio' && a.output === b.output) ||
  (a.kind === 'image' && b.kind === 'image' && a.name === b.name)
