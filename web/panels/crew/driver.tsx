/** The driver's screen while the vehicle moves: the way, the time that is left, alarms, one button, one call. */
import type { CallRow, IncidentRow, MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useAsOf, useFix, useLimits } from '@gh/live'
import { type ReactNode, useEffect, useState } from 'react'
import { Caller } from './caller.tsx'
import { isMoving } from './model.ts'
import { NavCard, useWay } from './nav-card.tsx'
import { useTablet } from './place.ts'
import { NextButton } from './status-column.tsx'
import { WayMap } from './way-map.tsx'

/** Whether this tablet is locked now, and how the passenger's side opens it until the next stop. */
export function useDriverLock(unitId: string): { locked: boolean; open: () => void } {
  const fix = useFix(unitId)
  const limits = useLimits()
  const { place } = useTablet()
  const moving = useAsOf((now) => isMoving(fix, now, limits))
  const [opened, setOpened] = useState(false)
  useEffect(() => {
    if (!moving) setOpened(false)
  }, [moving])
  return { locked: place === 'driver' && moving && !opened, open: () => setOpened(true) }
}

export function Driver({
  mission,
  incident,
  calls,
  alarms,
  onOpen,
}: {
  mission: MissionRow
  incident: IncidentRow | undefined
  calls: readonly CallRow[]
  alarms: ReactNode
  onOpen: () => void
}) {
  const { to, way } = useWay(mission)
  return (
    <div className="crew-driver" data-testid="driver-lock">
      {alarms}
      <NavCard mission={mission} incident={incident} />
      <div className="crew-driver-body">
        <WayMap mission={mission} incident={incident} way={way} to={to} />
        <div className="crew-driver-side">
          <NextButton mission={mission} />
          {/* One tap and the centre joins both; the reason that a number asks for is no driver's. */}
          <Caller mission={mission} calls={calls} />
          <button type="button" className="tap" onClick={onOpen} data-testid="driver-open">
            <b>{t('crew.driver_open')}</b>
            <small>{t('crew.driver_why')}</small>
          </button>
        </div>
      </div>
    </div>
  )
}
