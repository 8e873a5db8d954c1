import { fileURLToPath } from 'node:url'
import { fileInput } from './probe/media-input.ts'

/** The image of bumpers that name none. */
export const LOGO = fileInput(fileURLToPath(new URL('assets/logo.png', import.meta.url)))
