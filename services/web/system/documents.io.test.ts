import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import express, { type Express } from 'express'
import supertest from 'supertest'
import { mountDocuments } from './documents.ts'

let app: Express
beforeAll(() => {
  app = express()
  mountDocuments(app)
})

test('documents are Markdown at their paths', async () => {
  const reply = await supertest(app).get('/docs/guide.md').expect(200)
  expect(reply.headers['content-type']).toBe('text/markdown; charset=utf-8')
  expect(reply.text).toBe(readFileSync(join(import.meta.dirname, '../../../docs/guide.md'), 'utf8'))
  await supertest(app).get('/docs/decisions/README.md').expect(200)
})

test('llms.txt names only documents that are served', async () => {
  const { text } = await supertest(app).get('/llms.txt').expect(200)
  const links = [...text.matchAll(/\]\((\/docs\/[^)]+)\)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(8)
  for (const link of links) await supertest(app).get(link).expect(200)
})

test.each([
  '/docs/missing.md',
  '/docs/../package.json',
  '/docs/%2e%2e/README.md',
  '/docs/openapi.json',
  '/docs',
])('%s is left to others', async (path) => {
  await supertest(app).get(path).expect(404)
})
