import { expect, test } from '@jest/globals'
import { quickStartOf } from './quick-start.ts'

test('the quick start is what the README shows, on the port asked for, without what needs the internet', () => {
  const readme = [
    'Start it:\n\n    npm start\n',
    '```bash\nAPI=http://localhost:8080\ncurl $API/tasks\n```\n',
    '```text\n"status":"running"\n```\n',
    '```bash\ncurl -d \'{ "url": "https://example.org/a.mp4" }\' $API/tasks\n```\n',
  ].join('\n')
  expect(quickStartOf(readme, 18_080)).toBe('set -e\nAPI=http://localhost:18080\ncurl $API/tasks\n')
})
