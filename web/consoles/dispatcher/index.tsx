/** The dispatcher's desk, 1920 x 1080: the call on the left, the map, the boards. */
import { t } from '@gh/i18n'
import {
  LiveProvider,
  useCold,
  useFixes,
  useLimits,
  useLink,
  useNow,
  useTable,
  useWaiting,
} from '@gh/live'
import {
  Boundary,
  Button,
  Header,
  Held,
  type LinkLight,
  Stale,
  useConsoleTheme,
  useHotkeys,
} from '@gh/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { Link } from 'react-router'
import { Active } from '../../panels/dispatch/active.tsx'
import { AlertStrip } from '../../panels/dispatch/alert-strip.tsx'
import { CaseStrip } from '../../panels/dispatch/case-strip.tsx'
import { CommandBar } from '../../panels/dispatch/command-bar.tsx'
import { DeskProvider, useDesk } from '../../panels/dispatch/desk.tsx'
import { Intake } from '../../panels/dispatch/intake.tsx'
import { EventLog } from '../../panels/dispatch/log.tsx'
import { MapPanel } from '../../panels/dispatch/map-panel.tsx'
import { activeOf, pendingOf } from '../../panels/dispatch/model.ts'
import { nodeLights, nodesAlone, useNodes } from '../../panels/dispatch/nodes.tsx'
import { Pending } from '../../panels/dispatch/pending.tsx'
import { PhoneStrip } from '../../panels/dispatch/phone-strip.tsx'
import { Protocol } from '../../panels/dispatch/protocol.tsx'
import {
  aloneText,
  centreLight,
  SeatBar,
  useFallbackSeat,
} from '../../panels/dispatch/seat-bar.tsx'
import { Units } from '../../panels/dispatch/units.tsx'
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

/** Below the width of a desk one board at a time, on a tablet one part of the desk. */
const AREAS = ['call', 'map', 'boards'] as const
const BOARDS = ['pend', 'act', 'units'] as const

function useLights(): LinkLight[] {
  const link = useLink()
  const waiting = useWaiting()
  const fixes = useFixes()
  const units = useTable('units')
  const hospitals = useTable('hospitals')
  const now = useNow()
  const marks = useLimits()?.screen
  const fresh_ms = (marks?.position_amber_s ?? 0) * 1000
  const beds_ms = (marks?.beds_old_s ?? 0) * 1000
  const onDuty = units.filter(
    (u) => !['off_duty', 'out_of_service', 'other_node'].includes(u.state),
  )
  const fresh = new Set(
    fixes.filter((fix) => fix.point && now - fix.received_ms < fresh_ms).map((fix) => fix.unit_id),
  )
  const located = onDuty.filter((unit) => fresh.has(unit.id)).length
  const old = hospitals.filter((h) => now - (h.beds_reported_ms ?? 0) > beds_ms).length
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

/** Apart from the desk: lights and clocks change every second, and the boards need not. */
function DeskHeader({ cold }: { cold: boolean }) {
  const lights = useLights()
  const seat = useFallbackSeat()
  const nodes = useNodes()
  const other = cold ? t('mode.no_live') : aloneText(seat)
  // Where the words name the silent nodes, no light says it again: the clock needs the place.
  const lit = other === undefined ? nodes.filter((one) => one.connected) : nodes
  return (
    <>
      <Header
        title={t('desk.title')}
        links={[...centreLight(seat), ...nodeLights(lit), ...lights]}
        degraded={other ?? nodesAlone(nodes)}
      >
        <Link to="/paper" className="gh-btn" data-testid="to-paper">
          {t('paper.entry')}
        </Link>
      </Header>
      <Stale />
      <Held />
      <SeatBar seat={seat} />
    </>
  )
}

type Board = (typeof BOARDS)[number]

function BoardTabs({ board, onBoard }: { board: Board; onBoard: (board: Board) => void }) {
  const counts = {
    pend: pendingOf(useTable('incidents')).length,
    act: activeOf(useTable('missions')).length,
    units: useTable('units').length,
  }
  return (
    <nav className="boardtabs" aria-label={t('desk.boards')}>
      {BOARDS.map((key) => (
        <Button
          key={key}
          on={board === key}
          onClick={() => onBoard(key)}
          data-testid={`board-tab-${key}`}
        >
          {t(`desk.board_${key}`)} {counts[key]}
        </Button>
      ))}
    </nav>
  )
}

/** F4: back from a run to who could go. */
function Hotkeys() {
  const desk = useDesk()
  useHotkeys({ F4: desk.showCandidates })
  return null
}

function Desk() {
  const queries = useQueryClient()
  const refresh = useCallback(() => void queries.invalidateQueries(), [queries])
  const cold = useCold()
  const [area, setArea] = useState<(typeof AREAS)[number]>('call')
  const [board, setBoard] = useState<Board>('pend')
  return (
    <div className={cold ? 'desk cold' : 'desk'}>
      <Hotkeys />
      <DeskHeader cold={cold} />
      <PhoneStrip />
      <AlertStrip />
      <nav className="areatabs" aria-label={t('desk.areas')}>
        {AREAS.map((key) => (
          <Button
            key={key}
            on={area === key}
            onClick={() => setArea(key)}
            data-testid={`area-${key}`}
          >
            {t(`desk.area_${key}`)}
          </Button>
        ))}
      </nav>
      <main data-area={area}>
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
        <div className="col right" data-board={board}>
          <BoardTabs board={board} onBoard={setBoard} />
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
