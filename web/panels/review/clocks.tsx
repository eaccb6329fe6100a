/** How far the clocks of a case's vehicles were from the centre's: what their times are worth. */
import type { VehicleClock } from '@gh/contract'
import { t } from '@gh/i18n'
import { clockTime } from '../care/format.ts'

const MS = 1_000
const seconds = (ms: number): string => (Math.abs(ms) / MS).toFixed(2)

/** Of each vehicle every time its clock was heard, by its call sign. */
export function byVehicle(clocks: readonly VehicleClock[]): Map<string, VehicleClock[]> {
  const found = new Map<string, VehicleClock[]>()
  for (const one of clocks) found.set(one.call_sign, [...(found.get(one.call_sign) ?? []), one])
  return found
}

/** Within its uncertainty it may be right; else it is known to be behind or ahead. */
export function clockText({ offset_ms, uncertainty_ms, heard_ms }: VehicleClock): string {
  const way = Math.abs(offset_ms) <= uncertainty_ms ? 'even' : offset_ms > 0 ? 'behind' : 'ahead'
  return t(`review.clock_${way}`, {
    s: seconds(offset_ms),
    within: seconds(uncertainty_ms),
    time: clockTime(heard_ms),
  })
}

export function Clocks({ clocks }: { clocks: readonly VehicleClock[] }) {
  if (clocks.length === 0)
    return (
      <p className="gh-m gh-s" data-testid="vehicle-clocks">
        {t('review.clock_unknown')}
      </p>
    )
  return (
    <div className="gh-m gh-s" data-testid="vehicle-clocks">
      {[...byVehicle(clocks)].map(([callSign, seen]) => (
        <p key={callSign}>
          {t('review.clock_of', { call_sign: callSign })} {seen.map(clockText).join('；')}
        </p>
      ))}
    </div>
  )
}
