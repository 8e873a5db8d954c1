import { expect, test } from '@jest/globals'
import { digestIssues, imagesIn, nodeIssues } from './images.ts'

const one = `@sha256:${'1'.repeat(64)}`
const two = `@sha256:${'2'.repeat(64)}`

test('images are found where Dockerfiles, compose and Cloud Build name them, without stages and our own', () => {
  const text = `FROM debian:13-slim${one} AS base\nFROM base\n    image: cutroom-web\n    image: prom/prometheus:v3\n    name: node:24${two}\n`
  expect(imagesIn('file', text)).toEqual([
    { file: 'file', name: 'debian:13-slim', digest: one },
    { file: 'file', name: 'prom/prometheus:v3', digest: undefined },
    { file: 'file', name: 'node:24', digest: two },
  ])
})

test('an image without a digest is reported, except for Google’s builders in Cloud Build', () => {
  const builder = 'gcr.io/google.com/cloudsdktool/google-cloud-cli:528.0.0-slim'
  expect(
    digestIssues([
      { file: 'docker-compose.yml', name: 'postgres:17', digest: undefined },
      { file: 'docker-compose.yml', name: builder, digest: undefined },
      { file: 'cloudbuild.yaml', name: builder, digest: undefined },
    ]),
  ).toEqual(['docker-compose.yml: postgres:17 has no digest', `docker-compose.yml: ${builder} has no digest`])
})

test('a tag with two digests is reported', () => {
  const image = (file: string, digest: string) => ({ file, name: 'node:24', digest })
  expect(digestIssues([image('a', one), image('b', one), image('c', two)])).toEqual([
    'c: node:24 has another digest in a',
  ])
})

test('an image with another Node than package.json is reported', () => {
  const image = (name: string) => ({ file: 'a', name, digest: one })
  expect(
    nodeIssues([image('node:24.1.0-slim'), image('node:24.2.0-slim'), image('postgres:17')], '24.2.0'),
  ).toEqual(['a: node:24.1.0-slim is not the Node of package.json, 24.2.0'])
})
