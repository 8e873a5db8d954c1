import { expect, test } from '@jest/globals'
import { unsupportedVersion, versionOf } from './version.ts'

/** What ffmpeg prints for `-version`. */
const printed = (version: string, libavutil = '57. 28.100', tool = 'ffmpeg') =>
  `${tool} version ${version} Copyright (c) 2000-2026 the FFmpeg developers\nbuilt with gcc 12\n` +
  `configuration: --prefix=/usr\nlibavutil      ${libavutil} / ${libavutil}\n`
const refusal = (text: string) => unsupportedVersion('FFMPEG_PATH', 'ffmpeg', text)

test.each([
  ['Debian 12', printed('5.1.9-0+deb12u1')],
  ['Ubuntu 24.04', printed('6.1.1-3ubuntu5')],
  ['Debian 13', printed('7.1.5-0+deb13u1', '59. 39.100')],
  ['Homebrew', printed('8.0', '60.  8.100')],
  ['Homebrew, a later build', printed('8.0.1_1', '60.  8.100')],
  ['a version of two digits', printed('10.0.2', '65.  1.100')],
  ['a release branch', printed('n5.1.4-11-g6c1ce0a')],
  ['a static build', printed('7.0.2-static https://johnvansickle.com/ffmpeg/', '59.  8.100')],
  ['a nightly build', printed('N-117810-g2a6e5a2a4b-20241112', '59. 46.100')],
  ['a dated nightly build', printed('2024-11-06-git-4047b887fc-full_build-www.gyan.dev', '59. 46.100')],
  ['what precedes a later release', printed('n5.2-dev-12-gabcdef0', '57. 36.100')],
  ['ffprobe', printed('5.1', '57. 28.100', 'ffprobe')],
  ['a program that prints something else', 'hello\n'],
  ['a program that prints nothing', ''],
])('%s is supported', (_, text) => {
  expect(refusal(text)).toBeUndefined()
})

test.each([
  ['Ubuntu 22.04', printed('4.4.2-0ubuntu0.22.04.1', '56. 70.100')],
  ['Debian 11', printed('4.3.9-0+deb11u1', '56. 51.100')],
  ['the release before', printed('5.0.3', '57. 17.100')],
  ['an old release branch', printed('n4.4-78-g031c0cb0b4', '56. 70.100')],
  ['an old nightly build', printed('N-104466-g5593f5cf24', '57.  9.100')],
  ['an old dated build', printed('git-2020-08-31-4a11a6f', '56. 58.100')],
  ['what precedes the oldest release', printed('n5.1-dev-1-gabcdef0', '57. 18.100')],
])('%s is too old', (_, text) => {
  expect(refusal(text)).toContain('Cutroom needs 5.1 or later')
})

test('the refusal names the version, those that are supported, and what to do', () => {
  expect(refusal(printed('4.4.2-0ubuntu0.22.04.1'))).toBe(
    'ffmpeg is version 4.4.2-0ubuntu0.22.04.1, and Cutroom needs 5.1 or later (tested up to 9.0). ' +
      'Install a newer ffmpeg, or set FFMPEG_PATH to one.',
  )
})

test('the version is the word after the name', () => {
  expect(versionOf(printed('7.1.5-0+deb13u1'))).toBe('7.1.5-0+deb13u1')
  expect(versionOf('')).toBeUndefined()
})
