/** When a reserved unit is wanted at the pick-up. */
import { clockTime, t } from '@gh/i18n'

const hm = (at_ms: number) => clockTime(at_ms).slice(0, 5)

/** "15:00", or with a latest arrival "15:00–15:20". */
export const windowText = (due_ms: number, latest_ms: number | null): string =>
  latest_ms === null ? hm(due_ms) : `${hm(due_ms)}–${hm(latest_ms)}`

/** The same with its name. */
export const windowNamed = (due_ms: number, latest_ms: number | null): string =>
  t(latest_ms === null ? 'window.at' : 'window.within', { at: windowText(due_ms, latest_ms) })
