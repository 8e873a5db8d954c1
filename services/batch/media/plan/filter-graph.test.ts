import { describe, expect, test } from '@jest/globals'
import { createFilterGraph, type FilterGraph } from './filter-graph.ts'

const clip = (graph: FilterGraph, file: number) => ({
  video: graph.input(file, 'video', 0),
  audio: graph.input(file, 'audio', 1),
})

test('chains are numbered by kind, and joined by semicolons', () => {
  const graph = createFilterGraph()
  const video = graph.chain([graph.input(0, 'video', 0)], ['fps=24', 'setsar=1'])
  const audio = graph.source('audio', ['anullsrc'])
  expect([graph.map(video), graph.map(audio)]).toEqual(['[v0]', '[a0]'])
  expect(graph.toString()).toBe('[0:0]fps=24,setsar=1[v0];anullsrc[a0]')
})

test('an input stream without an index is the first of its kind', () => {
  const graph = createFilterGraph()
  expect(graph.map(graph.input(2, 'video'))).toBe('2:v')
})

test('a chain without filters is the stream itself', () => {
  const graph = createFilterGraph()
  expect(graph.map(graph.chain([graph.input(0, 'audio', 1)], []))).toBe('0:1')
  expect(graph.toString()).toBe('')
})

describe('split', () => {
  test('copies video and audio, each with its own filter', () => {
    const graph = createFilterGraph()
    const labels = [
      ...graph.split(graph.input(0, 'video', 0), 2),
      ...graph.split(graph.input(0, 'audio', 1), 3),
    ]
    expect(labels.map((label) => graph.map(label))).toEqual(['[v0]', '[v1]', '[a0]', '[a1]', '[a2]'])
    expect(graph.toString()).toBe('[0:0]split=2[v0][v1];[0:1]asplit=3[a0][a1][a2]')
  })

  test('into one is the stream itself', () => {
    const graph = createFilterGraph()
    const label = graph.source('video', ['color'])
    expect(graph.split(label, 1)).toEqual([label])
  })
})

describe('concat', () => {
  test('joins pieces in order, video before audio', () => {
    const graph = createFilterGraph()
    const { video, audio } = graph.concat([clip(graph, 0), clip(graph, 1)])
    expect([video && graph.map(video), audio && graph.map(audio)]).toEqual(['[v0]', '[a0]'])
    expect(graph.toString()).toBe('[0:0][0:1][1:0][1:1]concat=n=2:v=1:a=1[v0][a0]')
  })

  test('leaves out a kind that the pieces do not have', () => {
    const graph = createFilterGraph()
    const pieces = [0, 1].map((file) => ({ video: null, audio: graph.input(file, 'audio', 0) }))
    const { video, audio } = graph.concat(pieces)
    expect([video, audio && graph.map(audio)]).toEqual([null, '[a0]'])
    expect(graph.toString()).toBe('[0:0][1:0]concat=n=2:v=0:a=1[a0]')
  })

  test('of one piece is that piece; of none is a bug', () => {
    const graph = createFilterGraph()
    const only = clip(graph, 0)
    expect(graph.concat([only])).toBe(only)
    expect(() => graph.concat([])).toThrow('There is nothing to join.')
  })
})

describe('a stream is read exactly once', () => {
  test('reading it twice is a bug', () => {
    const graph = createFilterGraph()
    const label = graph.source('video', ['color'])
    graph.chain([label], ['fps=24'])
    expect(() => graph.map(label)).toThrow('v0 was read before')
  })

  test('leaving it unread is a bug', () => {
    const graph = createFilterGraph()
    graph.source('video', ['color'])
    expect(() => graph.toString()).toThrow('Nothing reads the streams v0.')
  })

  test('a label of another graph is a bug', () => {
    const label = createFilterGraph().source('audio', ['anullsrc'])
    expect(() => createFilterGraph().chain([label], ['volume=2'])).toThrow('a0')
  })

  test('but a stream of an input may be read again', () => {
    const graph = createFilterGraph()
    const image = graph.input(1, 'video')
    graph.map(graph.chain([image, image], ['overlay']))
    expect(graph.toString()).toBe('[1:v][1:v]overlay[v0]')
  })
})
