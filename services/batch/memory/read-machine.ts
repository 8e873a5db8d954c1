import { mkdir, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import type { Machine } from './plan-memory.ts'

export type MachineSettings = {
  /** MEMORY_LIMIT_BYTES, if set. */
  limitBytes: number | undefined
  scratchDir: string
  /** What all jobs may take of the scratch space together. */
  scratchBytes: number
  /** On Cloud Run: the machine has nothing else to run, and its file system is in memory. */
  inCloud: boolean
}

/** Reads how much memory this worker may use, and whether its scratch space is a part of that. */
export async function readMachine(settings: MachineSettings): Promise<Machine> {
  return { ...limitOf(settings), scratch: await scratchInMemory(settings) }
}

function limitOf({ limitBytes, inCloud }: MachineSettings): Pick<Machine, 'limit' | 'source'> {
  if (limitBytes !== undefined) return { limit: limitBytes, source: 'MEMORY_LIMIT_BYTES' }
  const total = totalmem()
  // Of cgroup version 2 (memory.max) or 1 (memory.limit_in_bytes). Without a limit it is 0 or beyond the memory.
  const constrained = process.constrainedMemory()
  if (constrained > 0 && constrained < total) {
    return { limit: constrained, source: 'the limit of the container' }
  }
  if (inCloud) return { limit: total, source: 'the limit of the container' }
  // Postgres, web and whatever else runs here need some of it.
  return { limit: Math.floor(total * 0.75), source: 'three quarters of the memory of this machine' }
}

/** https://man7.org/linux/man-pages/man2/statfs.2.html */
const TMPFS = 0x01021994
const RAMFS = 0x858458f6
const EXT4 = 0xef53

async function scratchInMemory({ scratchDir, scratchBytes, inCloud }: MachineSettings): Promise<number> {
  await mkdir(scratchDir, { recursive: true })
  const { type, blocks, bsize } = await statfs(scratchDir)
  if (type === TMPFS && blocks > 0) return Math.min(scratchBytes, blocks * bsize)
  return isInMemory(type, inCloud) ? scratchBytes : 0
}

/** Whether files of a file system of this type (`statfs`) are in memory. On Cloud Run all are, except on an ephemeral disk. */
export const isInMemory = (type: number, inCloud: boolean): boolean =>
  type === TMPFS || type === RAMFS || (inCloud && type !== EXT4)
