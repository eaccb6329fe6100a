export { keepDoubleClicksTogether } from './double-click.ts'

import './tokens.css'
import './ui.css'

export { Above } from './above.tsx'
export { Boundary } from './boundary.tsx'
export { Clock, Doubles, Header, type LinkLight, Logo, Mode } from './header.tsx'
export { type HotkeyMap, isTyping, useHotkeys } from './hotkeys.ts'
export { usePainted } from './painted.ts'
export {
  Age,
  Assumed,
  Button,
  Dialog,
  Elapsed,
  Empty,
  ErrorNote,
  Held,
  KeyCap,
  LevelBadge,
  Panel,
  Refused,
  type Ring,
  refusalText,
  ringOf,
  Skeleton,
  Stale,
  StateRing,
  TriageBadge,
  Unanswered,
} from './parts.tsx'
export { playTone, type Tone, unlockAudio, useAudioReady, useMetronome, useTone } from './sound.ts'
export {
  followDevice,
  setTheme,
  type Theme,
  UiProvider,
  useConsoleTheme,
  useTheme,
} from './theme.tsx'
