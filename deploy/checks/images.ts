/** The images that Dockerfiles, compose and Cloud Build name: what they are pinned to, and that all name the same. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Google's own builders, which run in Google's Cloud Build alone. */
const BY_NAME = /^gcr\.io\/(cloud-builders|google\.com\/cloudsdktool)\//
const FILES = ['Dockerfile.web', 'Dockerfile.batch', 'docker-compose.yml', 'cloudbuild.yaml']
const REFERENCE = /^(?:FROM | *image: | *name: )([\w./-]+:[\w.-]+)(@sha256:[0-9a-f]{64})?(?= |$)/gm

export type NamedImage = { file: string; name: string; digest: string | undefined }

export async function pinIssues(root: string): Promise<string[]> {
  const texts = await Promise.all(FILES.map((file) => readFile(join(root, file), 'utf8')))
  const images = FILES.flatMap((file, index) => imagesIn(file, texts[index] ?? ''))
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  return [...digestIssues(images), ...nodeIssues(images, devDependencies.node)]
}

/** The images that a text names with a tag, without our own, which have none. */
export const imagesIn = (file: string, text: string): NamedImage[] =>
  [...text.matchAll(REFERENCE)].map(([, name = '', digest]) => ({ file, name, digest }))

/** A tag can be moved, a digest cannot; a tag that has two digests has been moved in one place only. */
export function digestIssues(images: NamedImage[]): string[] {
  const first = new Map<string, NamedImage>()
  return images.flatMap((image) => {
    const { file, name, digest } = image
    if (!digest) {
      return file === 'cloudbuild.yaml' && BY_NAME.test(name) ? [] : [`${file}: ${name} has no digest`]
    }
    const same = first.get(name)
    if (!same) first.set(name, image)
    return !same || same.digest === digest ? [] : [`${file}: ${name} has another digest in ${same.file}`]
  })
}

/** Images run the Node that runs the tests. */
export const nodeIssues = (images: NamedImage[], version: string): string[] =>
  images
    .filter(({ name }) => name.startsWith('node:') && !name.startsWith(`node:${version}-`))
    .map(({ file, name }) => `${file}: ${name} is not the Node of package.json, ${version}`)
