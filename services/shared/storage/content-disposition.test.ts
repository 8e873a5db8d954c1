import { expect, test } from '@jest/globals'
import { parse } from 'content-disposition'
import { attachment } from './content-disposition.ts'

test.each([
  ['reel.mp4', 'attachment; filename=reel.mp4', 'reel.mp4'],
  ['my reel.mp4', 'attachment; filename="my reel.mp4"', 'my reel.mp4'],
  [
    'Ünïcode 🎬.mp4',
    `attachment; filename="?n?code ??.mp4"; filename*=UTF-8''%C3%9Cn%C3%AFcode%20%F0%9F%8E%AC.mp4`,
    'Ünïcode 🎬.mp4',
  ],
  [`it's (1)*.mp4`, `attachment; filename="it's (1)*.mp4"`, `it's (1)*.mp4`],
  ['a"; x="b', 'attachment; filename="a_; x=_b"', 'a_; x=_b'],
  ['../../etc/passwd', 'attachment; filename=.._.._etc_passwd', '.._.._etc_passwd'],
  ['a\r\nSet-Cookie: x', 'attachment; filename="a__Set-Cookie: x"', 'a__Set-Cookie: x'],
  ['100%.mp4', 'attachment; filename=100%.mp4', '100%.mp4'],
  ['half \ud83c', `attachment; filename="half ?"; filename*=UTF-8''half%20%EF%BF%BD`, 'half \ufffd'],
  ['', 'attachment; filename=download', 'download'],
])('the file name %j is offered safely', (name, header, offered) => {
  expect(attachment(name)).toBe(header)
  expect(parse(attachment(name))).toEqual({ type: 'attachment', parameters: { filename: offered } })
})
