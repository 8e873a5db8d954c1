import pg from 'pg'
import { aMedium } from '#batch/media/testing/fixtures.ts'
import { applyPreset } from '#shared/contract/presets.ts'

/** Fills the table with finished reels, distributed evenly over `users`, one of whom already exists. */
export async function seedTasks(databaseUrl: string, username: string, count: number, users: number) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(
      `INSERT INTO users (username, username_key, email, email_key, password_hash)
       SELECT 'user' || n, 'user' || n, n || '@example.com', n || '@example.com', '-'
       FROM generate_series(2, $1::int) n`,
      [users],
    )
    const recipe = applyPreset('reel', [{ url: 'https://example.com/holiday.mp4' }])
    await client.query(
      `INSERT INTO tasks (user_id, status, preset, recipe, progress, attempts, sources, outputs,
                          created_at, started_at, finished_at)
       SELECT id, 'succeeded', 'reel', $2, 100, 1, $3, $4, at, at, at
       FROM users, generate_series(1, $1::int) n, LATERAL (SELECT now() - n * interval '1 min') moment (at)`,
      [count / users, JSON.stringify(recipe), JSON.stringify([aMedium()]), JSON.stringify([OUTPUT])],
    )
    await client.query('VACUUM ANALYZE tasks')
    const { rows } = await client.query<{ user_id: string; id: string }>(
      `SELECT user_id, tasks.id FROM tasks JOIN users ON users.id = user_id WHERE username = $1
       ORDER BY tasks.created_at LIMIT 200`,
      [username],
    )
    return { userId: rows[0]?.user_id ?? '', taskIds: rows.map(({ id }) => id) }
  } finally {
    await client.end()
  }
}

const OUTPUT = {
  name: 'output.mp4',
  content_type: 'video/mp4',
  bytes: 1_655_727,
  seconds: 20,
  width: 640,
  height: 360,
  fps: 24,
  video_codec: 'h264',
  audio_codec: 'aac',
  key: 'tasks/9f0c5a3e-0000-4000-8000-000000000000/9f0c5a3e-0000-4000-8000-000000000001-1/output.mp4',
}
