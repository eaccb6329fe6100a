/** With a patient on board: that the centre, or the monitor, is not heard from. */
import type { EdgeStatus, MissionRow } from '@gh/contract'
import { useLang } from '@gh/i18n'
import { useLimits, useMonitor } from '@gh/live'
import { memo } from 'react'
import { useGet } from '../care/query.ts'
import { heardInRun, SilenceAlarm } from '../care/silence-alarm.tsx'
import { signAges } from '../care/vitals.ts'

export const Silences = memo(function Silences({ mission }: { mission: MissionRow }) {
  useLang()
  const limits = useLimits()
  const edge = useGet<EdgeStatus>('/api/edge/status', { every_ms: 2_000, stale_ms: 0 }).data
  const numerics = useMonitor(mission.unit_id)
  const link_ms = (limits?.screen.link_alarm_s ?? Number.POSITIVE_INFINITY) * 1000
  return (
    <>
      <SilenceAlarm
        what="link"
        heard_ms={edge === undefined || edge.connected ? null : edge.last_contact_ms}
        after_ms={link_ms}
      />
      <SilenceAlarm
        what="monitor"
        heard_ms={heardInRun(mission, numerics)}
        after_ms={signAges(limits).silent_ms}
      />
    </>
  )
})
