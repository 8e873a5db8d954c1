/**
 * The baseline of the API benchmark: the same two queries in Express and pg without accounts, validation, request ids, logs,
 * metrics or security headers; ETags are off, as in the product.
 */
import express from 'express'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const userId = process.env.USER_ID
const app = express()
app.disable('etag')

app.get('/tasks', async (req, res) => {
  const { rows } = await pool.query({
    name: 'list',
    text: 'SELECT * FROM tasks WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2',
    values: [userId, Number(req.query.max) + 1],
  })
  res.json({ tasks: rows })
})

app.get('/tasks/:id', async (req, res) => {
  const { rows } = await pool.query({
    name: 'get',
    text: 'SELECT * FROM tasks WHERE id = $1 AND user_id = $2',
    values: [req.params.id, userId],
  })
  res.json(rows[0])
})

app.listen(Number(process.env.PORT), '127.0.0.1')
