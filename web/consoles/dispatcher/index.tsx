/** The dispatcher's desk, 1920 x 1080: the call on the left, the map, the boards. */
import { t } from '@gh/i18n'
import { LiveProvider, useFixes, useLink, useNow, useTable, useWaiting } from '@gh/live'
import { Boundary, Header, type LinkLight, Stale, useConsoleTheme, useHotkeys } from '@gh/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { AlertStrip } from '../../panels/dispatch/alert-strip.tsx'
import { Active, Pending, Units } from '../../panels/dispatch/boards.tsx'
import { CaseStrip } from '../../panels/dispatch/case-strip.tsx'
import { CommandBar } from '../../panels/dispatch/command-bar.tsx'
import { DeskProvider, useDesk } from '../../panels/dispatch/desk.tsx'
import { Intake } from '../../panels/dispatch/intake.tsx'
import { EventLog } from '../../panels/dispatch/log.tsx'
import { MapPanel } from '../../panels/dispatch/map-panel.tsx'
import { PhoneStrip } from '../../panels/dispatch/phone-strip.tsx'
import { Protocol } from '../../panels/dispatch/protocol.tsx'
import '../../panels/dispatch/dispatch.css'

export default function DispatcherConsole() {
  useConsoleTheme('dispatcher', 'dark')
  return (
    <LiveProvider view="board">
      <DeskProvider>
        <Desk />
      </DeskProvider>
    </LiveProvider>
  )
}

const FRESH_MS = 60_000
const BEDS_OLD_MS = 30 * 60_000

function useLights(): LinkLight[] {
  const link = useLink()
  const waiting = useWaiting()
  const fixes = useFixes()
  const units = useTable('units')
  const hospitals = useTable('hospitals')
  const now = useNow()
  const onDuty = units.filter((u) => u.state !== 'off_duty' && u.state !== 'out_of_service')
  const fresh = new Set(
    fixes.filter((fix) => fix.point && now - fix.received_ms < FRESH_MS).map((fix) => fix.unit_id),
  )
  const located = onDuty.filter((unit) => fresh.has(unit.id)).length
  const old = hospitals.filter((h) => now - (h.beds_reported_ms ?? 0) > BEDS_OLD_MS).length
  const stuck = waiting.filter((command) => command.attempts > 0).length
  return [
    {
      key: 'server',
      label: t('link.server'),
      state: link.state === 'live' ? (stuck > 0 ? 'warn' : 'ok') : link.at > 0 ? 'bad' : 'unknown',
      detail: stuck > 0 ? t('link.waiting', { n: stuck }) : undefined,
    },
    {
      key: 'fixes',
      label: t('lights.fixes'),
      state:
        onDuty.length === 0
          ? 'unknown'
          : located === onDuty.length
            ? 'ok'
            : located === 0
              ? 'bad'
              : 'warn',
      detail: `${located}/${onDuty.length}`,
    },
    {
      key: 'hospitals',
      label: t('lights.hospitals'),
      state: hospitals.length === 0 ? 'unknown' : old === 0 ? 'ok' : 'warn',
      detail:
        old === 0
          ? String(hospitals.length)
          : t('lights.beds_old', { n: old, of: hospitals.length }),
    },
  ]
}

function Desk() {
  const queries = useQueryClient()
  const desk = useDesk()
  const link = useLink()
  const lights = useLights()
  const refresh = useCallback(() => void queries.invalidateQueries(), [queries])
  useHotkeys({ F4: desk.showCandidates })
  return (
    <div className="desk">
      <Header
        title={t('desk.title')}
        links={lights}
        degraded={link.state === 'stale' || link.state === 'closed' ? t('mode.no_live') : undefined}
      />
      <Stale />
      <PhoneStrip />
      <AlertStrip />
      <main>
        <div className="col left">
          <Intake />
          <Protocol />
        </div>
        <div className="col mid">
          <Boundary name={t('map.title')}>
            <MapPanel />
          </Boundary>
          <CaseStrip />
        </div>
        <div className="col right">
          <Pending />
          <Active />
          <Units />
        </div>
      </main>
      <Boundary name={t('log.title')}>
        <EventLog />
      </Boundary>
      <CommandBar onRefresh={refresh} />
    </div>
  )
}
