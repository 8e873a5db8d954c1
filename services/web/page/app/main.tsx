import { render } from 'preact'
import { App } from './app.tsx'

// Each view decides where it is scrolled to: the list of tasks is where it was left.
history.scrollRestoration = 'manual'

const root = document.getElementById('app')
if (root) render(<App />, root)
