import { expect, test } from '@jest/globals'
import { aMedium } from '../testing/fixtures.ts'
import { withMissing } from './missing-content.ts'

const video = (from: number, to: number) => ({ kind: 'video' as const, from, to })
const audio = (from: number, to: number) => ({ kind: 'audio' as const, from, to })
const messagesOf = (...missing: Parameters<typeof withMissing>[1]) =>
  withMissing(aMedium(), missing).warnings?.map(({ message }) => message)

test('a source of which nothing is missing stays as it is', () => {
  const info = aMedium()
  expect(withMissing(info, [])).toBe(info)
})

test('each damaged stretch is a warning, in the order in which they come', () => {
  expect(messagesOf(video(70, 72.04), audio(6, 8))).toEqual([
    'The audio from about 6.0 s to 8.0 s is damaged: the result has silence there.',
    'The video from about 70.0 s to 72.0 s is damaged: the result has a still frame there.',
  ])
})

test('stretches that follow each other are one, as at the border of two chunks', () => {
  expect(messagesOf(video(9.5, 10), video(8, 9.5), video(11, 12))).toHaveLength(1)
})

test('warnings of the source are kept', () => {
  const warnings = [{ code: 'timestamps_jump' as const, message: 'Timestamps jump.' }]
  expect(withMissing(aMedium({ warnings }), [video(1, 2)]).warnings).toMatchObject([
    { code: 'timestamps_jump' },
    { code: 'content_damaged', at: 1 },
  ])
})

test('a recording with very many says how many more there are', () => {
  const messages = messagesOf(...Array.from({ length: 50 }, (_, i) => video(10 * i, 10 * i + 1))) ?? []
  expect(messages).toHaveLength(20)
  expect(messages.at(-1)).toMatch(/^The video from about 190.0 s .* 30 more damaged ranges are not listed\.$/)
})

test('distorted frames are not called missing, and do not join what is', () => {
  const distorted = { ...video(4, 8), distorted: true as const }
  expect(messagesOf(video(2, 4), distorted, { ...video(8, 9), distorted: true as const })).toEqual([
    'The video from about 2.0 s to 4.0 s is damaged: the result has a still frame there.',
    'Some of the video from about 4.0 s to 9.0 s may be shown wrongly: its decoder reported damage.',
  ])
})

test('what only one stream lacks, and the file as well, counts when the other stream lacks it, too', () => {
  const unconfirmed = { unconfirmed: true as const }
  expect(withMissing(aMedium(), [{ ...video(2, 4), ...unconfirmed }])).toEqual(aMedium())
  const elsewhere = [
    { ...video(2, 4), ...unconfirmed },
    { ...audio(5, 6), ...unconfirmed },
  ]
  expect(withMissing(aMedium(), elsewhere)).toEqual(aMedium())
  const chunks = [video(2, 4), video(4, 5), audio(2.5, 4.5)].map((range) => ({ ...range, ...unconfirmed }))
  expect(messagesOf(...chunks)).toEqual([
    'The video from about 2.0 s to 5.0 s is damaged: the result has a still frame there.',
    'The audio from about 2.5 s to 4.5 s is damaged: the result has silence there.',
  ])
  expect(messagesOf({ ...video(2, 4), ...unconfirmed }, audio(3, 5))).toHaveLength(2)
})
