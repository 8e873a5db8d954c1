import { expect, test } from '@jest/globals'
import { attachment } from './content-disposition.ts'

test.each([
  ['reel.mp4', `attachment; filename="reel.mp4"; filename*=UTF-8''reel.mp4`],
  ['my reel.mp4', `attachment; filename="my reel.mp4"; filename*=UTF-8''my%20reel.mp4`],
  [
    'Ünïcode 🎬.mp4',
    `attachment; filename="_n_code _.mp4"; filename*=UTF-8''%C3%9Cn%C3%AFcode%20%F0%9F%8E%AC.mp4`,
  ],
  [`it's (1)*.mp4`, `attachment; filename="it's (1)*.mp4"; filename*=UTF-8''it%27s%20%281%29%2A.mp4`],
  ['a"; x="b', `attachment; filename="a_; x=_b"; filename*=UTF-8''a_%3B%20x%3D_b`],
  ['../../etc/passwd', `attachment; filename=".._.._etc_passwd"; filename*=UTF-8''.._.._etc_passwd`],
  ['a\r\nSet-Cookie: x', `attachment; filename="a__Set-Cookie: x"; filename*=UTF-8''a__Set-Cookie%3A%20x`],
  ['100%.mp4', `attachment; filename="100_.mp4"; filename*=UTF-8''100%25.mp4`],
  ['half \ud83c', `attachment; filename="half _"; filename*=UTF-8''half%20%EF%BF%BD`],
  ['', `attachment; filename="download"; filename*=UTF-8''download`],
])('the file name %j is offered safely', (name, header) => {
  expect(attachment(name)).toBe(header)
})
