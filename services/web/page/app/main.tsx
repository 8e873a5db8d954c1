import { render } from 'preact'
import { App } from './app.tsx'
import { startLanguage } from './i18n/index.ts'

// Each view decides where it is scrolled to: the list of tasks is where it was left.
history.scrollRestoration = 'manual'

const root = document.getElementById('app')
// Not awaited here: the texts of another language import from this module, and would wait for it as it would for them.
startLanguage().then(() => root && render(<App />, root))
