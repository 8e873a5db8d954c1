import { fileURLToPath } from 'node:url'
import { fileInput } from './probe/media-input.ts'

/** The picture of bumpers that name none of their own. */
export const LOGO = fileInput(fileURLToPath(new URL('assets/logo.png', import.meta.url)))
