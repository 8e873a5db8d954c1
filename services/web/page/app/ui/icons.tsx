/** Icons of 24 units, drawn with the colour of the text. They repeat a label, or stand beside one, so they are hidden from readers. */
const PATHS = {
  play: 'M8 5v14l11-7z',
  pause: 'M7 5h3.500v14H7zM13.5 5H17v14h-3.500z',
  frameBack: 'M7 5v14M19 6l-9 6 9 6z',
  frameForward: 'M17 5v14M5 6l9 6-9 6z',
  in: 'M8 4v16M8 4h4M8 20h4M12 12h9M18 9l3 3-3 3',
  out: 'M16 4v16M16 4h-4M16 20h-4M12 12H3M6 9l-3 3 3 3',
  loop: 'M4 12a7 7 0 0 1 7-7h6M14 2l3 3-3 3M20 12a7 7 0 0 1-7 7H7M10 22l-3-3 3-3',
  undo: 'M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3',
  redo: 'M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3',
  zoomIn: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5M8 11h6M11 8v6',
  zoomOut: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5M8 11h6',
  keyboard: 'M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 10h.01M8 14h8',
  volume: 'M4 9v6h4l5 4V5L8 9zM16.5 8.500a5 5 0 0 1 0 7M19 6a9 9 0 0 1 0 12',
  muted: 'M4 9v6h4l5 4V5L8 9zM17 9l5 6M22 9l-5 6',
  upload: 'M12 16V4M7 9l5-5 5 5M4 16v4h16v-4',
  download: 'M12 4v12M7 11l5 5 5-5M4 16v4h16v-4',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  close: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 5v14M5 12h14',
  grip: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  up: 'M6 15l6-6 6 6',
  down: 'M6 9l6 6 6-6',
  back: 'M15 6l-6 6 6 6',
  check: 'M5 12.5 10 17.5 19.5 7',
  alert: 'M12 3 2 20h20zM12 10v4M12 17h.01',
  retry: 'M20 12a8 8 0 1 1-3-6.200M20 3v4h-4',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  stop: 'M7 7h10v10H7z',
  film: 'M4 4h16v16H4zM8 4v16M16 4v16M4 12h16M4 8h4M4 16h4M16 8h4M16 16h4',
  audio: 'M9 18V5l11-2v13M9 18a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM20 16a3 3 0 1 1-6 0 3 3 0 0 1 6 0z',
  logOut: 'M15 4h5v16h-5M4 12h11M11 8l4 4-4 4',
  scissors: 'M6 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8.5 8 20 19M8.5 16 20 5',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0',
  devices: 'M3 5h14v10H3zM1 19h12M16 9h6v11h-6z',
  key: 'M8 19a5 5 0 1 1 0-10 5 5 0 0 1 0 10zM11.5 10.5 20 2M17 5l3 3M14 8l2 2',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2',
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500 21 21',
  fullscreen: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15 9h.01',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01',
  mail: 'M3 6h18v12H3zM3 7l9 6 9-6',
} as const

export type IconName = keyof typeof PATHS

const FILLED: readonly IconName[] = ['play', 'pause', 'stop']

export function Icon({ name }: { name: IconName }) {
  const isFilled = FILLED.includes(name)
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill={isFilled ? 'currentColor' : 'none'}
        stroke={isFilled ? 'none' : 'currentColor'}
      />
    </svg>
  )
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path class="bracket" d="M8 9v14M24 9v14" />
      <path class="arrow" d="M13 11.500v9l7-4.500z" />
    </svg>
  )
}
