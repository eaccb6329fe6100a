/** All vehicles; with an open case the proposed ones first, each with its way to it. */
import type { Candidate, IncidentRow, UnitRow } from '@gh/contract'
import { clockTime, duration, t, tOr } from '@gh/i18n'
import { useContent, useLoaded, useRow, useTable } from '@gh/live'
import { Elapsed, Empty, LevelBadge, Panel, Skeleton, StateRing } from '@gh/ui'
import { useEffect, useMemo, useRef, useState } from 'react'
import { defectWords } from '../care/shift.ts'
import { CaseName, Columns, heads, shortNumber, UnitAge } from './board-parts.tsx'
import { useDesk, useRecommendation } from './desk.tsx'
import { sortUnits } from './model.ts'
import { NodesButton } from './nodes.tsx'
import { UnitDeeds } from './unit-deeds.tsx'

const PROPOSED = 3
/** Cases closed lately that stand under the vehicles; the tab holds all of a day. */
const LATELY = 6

type UnitTab = 'all' | 'ready' | 'busy' | 'off' | 'closed'
const groupOf = (unit: UnitRow): 'ready' | 'busy' | 'off' =>
  unit.state === 'ready'
    ? 'ready'
    : ['off_duty', 'out_of_service', 'other_node'].includes(unit.state)
      ? 'off'
      : 'busy'

interface Way {
  candidate: Candidate
  /** 1 to 3 for the proposed ones, 0 for the rest. */
  rank: number
  skipped: boolean
}

/** Every vehicle's way to the open case, as the proposal tells it. */
function useWays(): Map<string, Way> {
  const proposal = useRecommendation().data
  return useMemo(() => {
    const ways = new Map<string, Way>()
    for (const candidate of proposal?.skipped ?? [])
      ways.set(candidate.unit_id, { candidate, rank: 0, skipped: true })
    for (const [i, candidate] of (proposal?.ranked ?? []).entries())
      ways.set(candidate.unit_id, { candidate, rank: i < PROPOSED ? i + 1 : 0, skipped: false })
    return ways
  }, [proposal])
}

export function Units() {
  const loaded = useLoaded()
  const units = useTable('units')
  const { incident } = useDesk()
  const closed = useTable('incidents')
    .filter((one) => one.state === 'closed')
    .sort((a, b) => (b.closed_ms ?? 0) - (a.closed_ms ?? 0))
  const [tab, setTab] = useState<UnitTab>('all')
  const waysKnown = useWays()
  const open = incident?.state === 'open' && incident.location !== null
  const ways = open ? waysKnown : new Map<string, Way>()
  const proposed = open && incident.dispatched_ms === null
  const place = (unit: UnitRow) => (proposed && ways.get(unit.id)?.rank) || PROPOSED + 1
  const sorted = sortUnits(units).sort((a, b) => place(a) - place(b))
  const shown = tab === 'all' ? sorted : sorted.filter((unit) => groupOf(unit) === tab)
  const count = (group: string) => units.filter((unit) => groupOf(unit) === group).length
  const tabs: [UnitTab, string][] = [
    ['all', `${t(proposed ? 'board.all_proposed' : 'board.all')} ${units.length}`],
    ['ready', `${t('board.ready')} ${count('ready')}`],
    ['busy', `${t('board.busy')} ${count('busy')}`],
    ['off', `${t('board.off')} ${count('off')}`],
    ['closed', `${t('board.closed')} ${closed.length}`],
  ]
  const to = open ? t('board.to_case', { number: shortNumber(incident.number) }) : ''
  return (
    <Panel
      title={t('board.units')}
      className={`units${open ? ' to' : ''}`}
      testid="board-units"
      extra={
        <span className="tabs" role="tablist">
          {tabs.map(([key, label]) => (
            <button
              type="button"
              role="tab"
              aria-selected={tab === key}
              key={key}
              onClick={() => setTab(key)}
              data-testid={`units-${key}`}
            >
              {label}
            </button>
          ))}
        </span>
      }
    >
      {loaded ? null : <Skeleton rows={6} />}
      {tab === 'closed' ? (
        <Closed incidents={closed} />
      ) : (
        <>
          {loaded && shown.length === 0 ? <Empty title={t('board.units_empty')} /> : null}
          {shown.length > 0 ? (
            <Columns
              names={[
                ...heads('sign'),
                ...heads('kind', 'status', 'since', 'station'),
                ...(open ? [to] : []),
                ...heads('fix'),
              ]}
            />
          ) : null}
          {shown.map((unit) => (
            <Unit
              key={unit.id}
              unit={unit}
              open={open}
              way={ways.get(unit.id)}
              star={proposed ? (ways.get(unit.id)?.rank ?? 0) : 0}
            />
          ))}
          {shown.some((unit) => unit.assumed) ? (
            <p className="note gh-m">
              <span className="supposed">{t('assumed.tag')}</span> {t('assumed.hint')}
            </p>
          ) : null}
          <NodesButton />
          {tab === 'all' && closed.length > 0 ? (
            <>
              <span className="divide">
                {t('board.closed')} {closed.length}
              </span>
              <Closed incidents={closed.slice(0, LATELY)} />
            </>
          ) : null}
        </>
      )}
    </Panel>
  )
}

interface UnitProps {
  unit: UnitRow
  open: boolean
  way: Way | undefined
  star: number
}

function Unit({ unit, open, way, star }: UnitProps) {
  const desk = useDesk()
  const mission = useRow('missions', unit.mission_id)
  const selected = desk.unitId === unit.id
  const row = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' })
  }, [selected])
  const eta_s = way?.candidate.eta_s ?? null
  const list = useContent()?.shift_check
  const check = unit.checks[0]
  const defects = check ? defectWords(check, list).join(t('ui.comma')) : ''
  return (
    <>
      <button
        type="button"
        ref={row}
        className={`row${selected ? ' sel' : ''}${star === 1 ? ' same' : ''}${
          unit.state === 'ready' && way?.skipped ? ' skipped' : ''
        }`}
        onClick={() => {
          if (mission) desk.openMission(mission)
          else desk.pickUnit(selected ? '' : unit.id)
        }}
        data-testid={`unit-${unit.call_sign}`}
        data-state={unit.state}
      >
        <b className="gh-ell">
          {star > 0 ? <span className="star">★{star} </span> : null}
          {unit.call_sign}
        </b>
        <span className="gh-m gh-ell">
          <span
            className={unit.assumed ? 'supposed' : undefined}
            title={unit.assumed ? t('assumed.hint') : undefined}
          >
            {tOr(`unit_kind_short.${unit.unit_kind}`, unit.unit_kind)}
          </span>
        </span>
        <span className="gh-ell">
          <StateRing state={unit.state} />{' '}
          {unit.help_ms !== null ? (
            <b className="gh-tag help" data-testid={`help-${unit.call_sign}`}>
              ▲ {t('board.help')}
            </b>
          ) : unit.out_of_service ? (
            tOr(`oos.${unit.out_of_service}`, unit.out_of_service)
          ) : (
            t(`state.${unit.state}`)
          )}
        </span>
        <Elapsed since_ms={unit.since_ms} limit_s={mission?.limit_s} />
        <span
          className="gh-m gh-ell"
          title={
            defects === ''
              ? unit.station_name
              : `${unit.station_name} · ${t('shift.defects', { what: defects })}`
          }
        >
          {defects !== '' && (
            <b className="gh-tag warn" data-testid={`defects-${unit.call_sign}`}>
              ▲ {defects}{' '}
            </b>
          )}
          {unit.station_name}
        </span>
        {open ? (
          <span className={`eta${way?.skipped ? ' gh-m' : ''}`}>
            {eta_s === null || (unit.state === 'ready' && way?.skipped)
              ? '—'
              : `${way?.candidate.estimated ? '≈' : ''}${duration(eta_s)}`}
          </span>
        ) : null}
        <span className="n gh-s">
          <UnitAge unitId={unit.id} />
        </span>
      </button>
      {selected && unit.mission_id === '' ? <UnitDeeds unit={unit} /> : null}
    </>
  )
}

function Closed({ incidents }: { incidents: IncidentRow[] }) {
  const desk = useDesk()
  if (incidents.length === 0) return <Empty title={t('board.closed_empty')} />
  return incidents.map((incident) => (
    <button
      type="button"
      key={incident.id}
      className={`row closed${incident.id === desk.incident?.id ? ' sel' : ''}`}
      onClick={() => desk.openCase(incident.id)}
      data-testid={`closed-${shortNumber(incident.number)}`}
    >
      <span>{clockTime(incident.closed_ms ?? incident.opened_ms).slice(0, 5)}</span>
      <LevelBadge level={incident.level} />
      <CaseName incident={incident} />
      <span className="gh-m gh-ell">{incident.close_reason}</span>
    </button>
  ))
}
