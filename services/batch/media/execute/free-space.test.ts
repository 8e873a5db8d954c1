import { expect, test } from '@jest/globals'
import { requireFreeSpace } from './free-space.ts'

test('a plan for more than the disk has left is worth another try, elsewhere or later', async () => {
  await expect(requireFreeSpace('/', Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
    code: 'media.no_free_space',
    retry: true,
  })
  await requireFreeSpace('/', 0)
})
