import { expect, test } from '@jest/globals'
import { commitMessageIssue } from './commit-message.mjs'

test.each([
  'fix: an upload of nothing is refused',
  'feat(web)!: task ids are UUIDs\n\nBREAKING CHANGE: they were numbers',
  'refactor(media/plan): one context\n# Please enter the commit message',
  'Merge branch main',
  'fixup! fix: an upload of nothing is refused',
])('%j is accepted', (message) => {
  expect(commitMessageIssue(message)).toBeUndefined()
})

test.each([
  ['an update', /type\(scope\)/],
  ['feat:no space', /type\(scope\)/],
  ['feature: what it does', /type\(scope\)/],
  ['fix: a subject\nand its second line', /second line/],
])('%j is rejected', (message, reason) => {
  expect(commitMessageIssue(message)).toMatch(reason)
})
