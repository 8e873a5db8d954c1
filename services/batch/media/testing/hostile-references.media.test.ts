import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import { content, u32, useHostileWorkspace } from './hostile-workspace.ts'

const workspace = useHostileWorkspace()

describe('does not reach anything outside the file', () => {
  /** Counts the requests that arrive while a hostile file is processed. */
  async function countRequests(process: (url: string) => Promise<unknown>) {
    let requests = 0
    const server = createServer((_, reply) => {
      requests++
      reply.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await process(`http://127.0.0.1:${port}/secret.ts`).finally(() => server.close())
    return requests
  }
  const chunk = (name: string, content: Buffer) => {
    const size = Buffer.alloc(4)
    size.writeUInt32LE(content.length)
    return Buffer.concat([Buffer.from(name), size, content, Buffer.alloc(content.length % 2)])
  }
  const list = (name: string, ...chunks: Buffer[]) =>
    chunk('LIST', Buffer.concat([Buffer.from(name), ...chunks]))

  test('HLS that names a URL', async () => {
    const requests = await countRequests(async (url) => {
      const path = await workspace.createFile(
        'mp4',
        content(`#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n${url}\n#EXT-X-ENDLIST\n`),
      )
      await expect(workspace.renderSmall(path)).rejects.toMatchObject({ code: 'media.unreadable' })
    })
    expect(requests).toBe(0)
  })

  test('an AVI with a playlist as its subtitles', async () => {
    const requests = await countRequests(async (url) => {
      const playlist = `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:9,\n${url}\n#EXT-X-ENDLIST\n`
      const gab2 = Buffer.concat([
        Buffer.from('GAB2\0\u0002\0'),
        Buffer.alloc(4),
        Buffer.from([4, 0]),
        u32(0),
        Buffer.from(playlist),
      ])
      const header = Buffer.alloc(56)
      header.write('txts')
      header.writeUInt32LE(1, 20)
      header.writeUInt32LE(25, 24)
      header.writeUInt32LE(1, 32)
      const avi = Buffer.concat([
        Buffer.from('AVI '),
        list(
          'hdrl',
          chunk('avih', Buffer.alloc(56)),
          list('strl', chunk('strh', header), chunk('strf', Buffer.alloc(0))),
        ),
        list('movi', chunk('00tx', gab2)),
      ])
      const path = await workspace.createFile('avi', content(chunk('RIFF', avi)))
      await expect(workspace.renderSmall(path)).rejects.toMatchObject({ code: 'media.unreadable' })
    })
    expect(requests).toBe(0)
  })

  test('an MP4 whose frames are in another file', async () => {
    const secret = await workspace.clip({ audio: false })
    const path = await workspace.createFile('mov', async (at) => {
      await ffmpeg(['-i', secret, '-c', 'copy', at])
      await writeFile(at, withReference(await readFile(at), secret))
    })
    await expect(workspace.renderSmall(path)).rejects.toMatchObject({ code: 'media.damaged', retry: false })
  })

  /** Replaces the data reference of a MOV whose moov comes last by an alias of another file. */
  function withReference(bytes: Buffer, target: string): Buffer {
    const entry = bytes.lastIndexOf('url ') - 4
    const alias = Buffer.alloc(150)
    const name = Buffer.from(target.split('/').at(-1) ?? '')
    alias.writeUInt16BE(2, 6)
    alias[50] = name.length
    name.copy(alias, 51)
    alias.writeUInt16BE(1, 128)
    alias.writeUInt16BE(1, 130)
    const record = (type: number, value: string) => {
      const content = Buffer.from(value)
      const head = Buffer.alloc(4)
      head.writeUInt16BE(type)
      head.writeUInt16BE(content.length, 2)
      return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
    }
    const content = Buffer.concat([
      Buffer.from('alis'),
      u32(0),
      alias,
      record(2, target),
      record(18, target),
      Buffer.from([255, 255, 0, 0]),
    ])
    const box = Buffer.concat([u32(content.length + 4), content])
    const grown = box.length - bytes.readUInt32BE(entry)
    for (const name of ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref']) {
      const at = bytes.lastIndexOf(name, entry) - 4
      bytes.writeUInt32BE(bytes.readUInt32BE(at) + grown, at)
    }
    return Buffer.concat([bytes.subarray(0, entry), box, bytes.subarray(entry + bytes.readUInt32BE(entry))])
  }
})
