import {
  type IncidentRow,
  type MissionRow,
  OUT_OF_SERVICE_REASONS,
  type UnitRow,
} from '@gh/contract'
import { clockTime, t, tOr } from '@gh/i18n'
import { useFix, useLoaded, useRow, useSend, useTable } from '@gh/live'
import {
  Age,
  Assumed,
  Button,
  Elapsed,
  Empty,
  LevelBadge,
  Panel,
  Refused,
  Skeleton,
  StateRing,
  TriageBadge,
} from '@gh/ui'
import { useEffect, useRef, useState } from 'react'
import { CodeDialog } from './case-dialogs.tsx'
import { useContent, useDesk, useDispatch } from './desk.tsx'
import {
  activeOf,
  currentHandover,
  finishedOf,
  pendingOf,
  reservedOf,
  sortUnits,
  worstTriage,
} from './model.ts'
import { personText, topicText } from './words.ts'

const shortNumber = (number: string): string => number.split('-').at(-1) ?? number

/** Rows that appear fade in; a row never takes the focus. */
function CaseName({ incident }: { incident: IncidentRow | undefined }) {
  const content = useContent()
  if (incident === undefined) return null
  return (
    <p className="gh-ell">
      <b>
        {shortNumber(incident.number)} {topicText(content.data, incident.topic)}
      </b>{' '}
      {personText(incident)}
    </p>
  )
}

const Columns = ({ names }: { names: string[] }) => (
  <div className="row ch" aria-hidden="true">
    {names.map((name) => (
      <span key={name}>{t(`board.h.${name}`)}</span>
    ))}
  </div>
)

export function Pending() {
  const desk = useDesk()
  const loaded = useLoaded()
  const incidents = useTable('incidents')
  const missions = useTable('missions')
  const calls = useTable('calls')
  const pending = pendingOf(incidents)
  const reserved = reservedOf(missions)
  return (
    <Panel
      title={`${t('board.pending')} ${pending.length}`}
      className="pend"
      testid="board-pending"
      extra={
        <>
          {reserved.length > 0 ? (
            <span className="gh-m">{t('board.reserved', { n: reserved.length })}</span>
          ) : null}
          <span className="gh-sp" />
          <span className="gh-m gh-s">{t('board.pending_order')}</span>
        </>
      }
    >
      {loaded ? null : <Skeleton rows={3} />}
      {loaded && pending.length + reserved.length === 0 ? (
        <Empty title={t('board.pending_empty')} />
      ) : null}
      {pending.length > 0 ? <Columns names={['wait', 'level', 'case', 'source']} /> : null}
      {pending.map((incident) => {
        const first = calls.find((call) => incident.calls.includes(call.id))
        return (
          <button
            type="button"
            key={incident.id}
            className={`row${incident.id === desk.incident?.id ? ' sel' : ''}`}
            onClick={() => desk.openCase(incident.id)}
            data-testid={`pending-${shortNumber(incident.number)}`}
          >
            <span className="age">
              <Elapsed since_ms={incident.waiting_since_ms} limit_s={incident.dispatch_target_s} />
            </span>
            <LevelBadge level={incident.level} />
            <span className="two">
              <CaseName incident={incident} />
              <p className="gh-m gh-s gh-ell">
                {incident.location?.label ?? t('case.no_location')}
              </p>
            </span>
            <span className="two right">
              <p className="gh-ell">
                {t(first?.line === 'typed' ? 'case.by_hand' : 'case.by_phone')}
                {incident.seat ? ` · ${t('app.seat', { seat: incident.seat })}` : ''}
              </p>
              <p className="gh-m gh-s">
                {incident.calls.length > 1
                  ? t('case.more_calls', { n: incident.calls.length - 1 })
                  : ''}
              </p>
            </span>
          </button>
        )
      })}
      {reserved.map((mission) => (
        <Reserved key={mission.id} mission={mission} />
      ))}
    </Panel>
  )
}

function Reserved({ mission }: { mission: MissionRow }) {
  const desk = useDesk()
  const incident = useRow('incidents', mission.incident_id)
  return (
    <button
      type="button"
      className={`row${mission.id === desk.missionId ? ' sel' : ''}`}
      onClick={() => desk.openMission(mission)}
      data-testid={`reserved-${mission.call_sign}`}
    >
      <span className="age">
        <b>{clockTime(mission.due_ms ?? mission.since_ms).slice(0, 5)}</b>
      </span>
      <LevelBadge level={incident?.level ?? ''} />
      <span className="two">
        <CaseName incident={incident} />
        <p className="gh-m gh-s gh-ell">{incident?.location?.label ?? t('case.no_location')}</p>
      </span>
      <span className="two right">
        <p>
          <StateRing state="reserved" /> {mission.call_sign}
        </p>
        <p className="gh-m gh-s">{t('state.reserved')}</p>
      </span>
    </button>
  )
}

export function Active() {
  const loaded = useLoaded()
  const incidents = useTable('incidents')
  const missions = useTable('missions')
  const active = activeOf(missions)
  const finished = finishedOf(incidents, missions)
  const cases = new Set(active.map((m) => m.incident_id)).size + finished.length
  return (
    <Panel
      title={t('board.active', { cases, units: active.length })}
      className="act"
      testid="board-active"
      extra={
        <>
          <span className="gh-sp" />
          <span className="gh-m gh-s">{t('board.active_order')}</span>
        </>
      }
    >
      {loaded ? null : <Skeleton rows={5} />}
      {loaded && active.length + finished.length === 0 ? (
        <Empty title={t('board.active_empty')} />
      ) : null}
      {active.length > 0 ? <Columns names={['state', 'level', 'case', 'unit', 'fix']} /> : null}
      {active.map((mission) => (
        <ActiveRow key={mission.id} mission={mission} />
      ))}
      {finished.map((incident) => (
        <Finished key={incident.id} incident={incident} />
      ))}
    </Panel>
  )
}

function ActiveRow({ mission }: { mission: MissionRow }) {
  const desk = useDesk()
  const incident = useRow('incidents', mission.incident_id)
  const patients = useTable('patients').filter((p) => p.mission_id === mission.id)
  const handover = currentHandover(useTable('handovers'), mission.id)
  const triage = worstTriage(patients.map((p) => p.level))
  const open =
    mission.flags.length > 0
      ? t('case.flags', { n: mission.flags.length })
      : mission.proposed.length > 0
        ? t('case.proposed', { node: t(`milestone.${mission.proposed[0]}`) })
        : mission.state === 'assigned'
          ? t('case.not_acknowledged')
          : handover?.state === 'sent'
            ? t('case.prealert_open')
            : handover?.state === 'declined'
              ? t('case.prealert_declined')
              : mission.destination_name
  const warn =
    mission.flags.length > 0 ||
    mission.proposed.length > 0 ||
    mission.state === 'assigned' ||
    handover?.state === 'sent' ||
    handover?.state === 'declined'
  return (
    <button
      type="button"
      className={`row${mission.id === desk.missionId ? ' sel' : ''}${
        mission.incident_id === desk.incident?.id ? ' same' : ''
      }`}
      onClick={() => desk.openMission(mission)}
      data-testid={`active-${mission.call_sign}`}
      data-state={mission.state}
    >
      <span className="age">
        <Elapsed since_ms={mission.since_ms} limit_s={mission.limit_s} />
        <small className="gh-m">
          {mission.limit_s ? t('case.limit', { n: limitText(mission.limit_s) }) : ''}
        </small>
      </span>
      <span className="lvs">
        <LevelBadge level={mission.level || (incident?.level ?? '')} />
        {triage ? <TriageBadge level={triage} /> : null}
      </span>
      <span className="two">
        <CaseName incident={incident} />
        <p className="gh-m gh-s gh-ell">{incident?.location?.label ?? t('case.no_location')}</p>
      </span>
      <span className="two">
        <p className="gh-ell">
          <StateRing state={mission.state} /> <b>{mission.call_sign}</b>{' '}
          {t(`state.${mission.state}`)}
        </p>
        <p className={`gh-s gh-ell ${warn ? 'gh-warnt' : 'gh-m'}`}>{open}</p>
      </span>
      <span className="fix gh-s">
        <UnitAge unitId={mission.unit_id} />
      </span>
    </button>
  )
}

const limitText = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)}′`

function UnitAge({ unitId }: { unitId: string }) {
  const fix = useFix(unitId)
  return <Age at_ms={fix?.received_ms ?? null} />
}

/** All units of the case have ended: somebody must close it, or send again. */
function Finished({ incident }: { incident: IncidentRow }) {
  const desk = useDesk()
  return (
    <button
      type="button"
      className={`row${incident.id === desk.incident?.id ? ' sel' : ''}`}
      onClick={() => desk.openCase(incident.id)}
      data-testid={`finished-${shortNumber(incident.number)}`}
    >
      <span className="age gh-m">—</span>
      <LevelBadge level={incident.level} />
      <span className="two">
        <CaseName incident={incident} />
        <p className="gh-m gh-s gh-ell">{incident.location?.label ?? t('case.no_location')}</p>
      </span>
      <span className="two">
        <p>{t('case.finished')}</p>
        <p className="gh-s gh-warnt">{t('case.to_close')}</p>
      </span>
      <span />
    </button>
  )
}

type UnitTab = 'all' | 'ready' | 'busy' | 'off' | 'closed'
const groupOf = (unit: UnitRow): 'ready' | 'busy' | 'off' =>
  unit.state === 'ready'
    ? 'ready'
    : unit.state === 'off_duty' || unit.state === 'out_of_service'
      ? 'off'
      : 'busy'

export function Units() {
  const loaded = useLoaded()
  const units = useTable('units')
  const closed = useTable('incidents')
    .filter((incident) => incident.state === 'closed')
    .sort((a, b) => (b.closed_ms ?? 0) - (a.closed_ms ?? 0))
  const [tab, setTab] = useState<UnitTab>('all')
  const sorted = sortUnits(units)
  const shown = tab === 'all' ? sorted : sorted.filter((unit) => groupOf(unit) === tab)
  const count = (group: string) => units.filter((unit) => groupOf(unit) === group).length
  const tabs: [UnitTab, string][] = [
    ['all', `${t('board.all')} ${units.length}`],
    ['ready', `${t('board.ready')} ${count('ready')}`],
    ['busy', `${t('board.busy')} ${count('busy')}`],
    ['off', `${t('board.off')} ${count('off')}`],
    ['closed', `${t('board.closed')} ${closed.length}`],
  ]
  return (
    <Panel
      title={t('board.units')}
      className="units"
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
            <Columns names={['sign', 'kind', 'status', 'since', 'station', 'fix']} />
          ) : null}
          {shown.map((unit) => (
            <Unit key={unit.id} unit={unit} />
          ))}
        </>
      )}
    </Panel>
  )
}

function Unit({ unit }: { unit: UnitRow }) {
  const desk = useDesk()
  const mission = useRow('missions', unit.mission_id)
  const selected = desk.unitId === unit.id
  const row = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' })
  }, [selected])
  return (
    <>
      <button
        type="button"
        ref={row}
        className={`row${selected ? ' sel' : ''}`}
        onClick={() => {
          if (mission) desk.openMission(mission)
          else desk.pickUnit(selected ? '' : unit.id)
        }}
        data-testid={`unit-${unit.call_sign}`}
        data-state={unit.state}
      >
        <b>{unit.call_sign}</b>
        <span className="gh-m gh-ell">
          {tOr(`unit_kind.${unit.unit_kind}`, unit.unit_kind)}
          {unit.assumed ? <Assumed /> : null}
        </span>
        <span className="gh-ell">
          <StateRing state={unit.state} />{' '}
          {unit.out_of_service
            ? tOr(`oos.${unit.out_of_service}`, unit.out_of_service)
            : t(`state.${unit.state}`)}
        </span>
        <Elapsed since_ms={unit.since_ms} limit_s={mission?.limit_s} />
        <span className="gh-m gh-ell">{unit.station_name}</span>
        <span className="n gh-s">
          <UnitAge unitId={unit.id} />
        </span>
      </button>
      {selected && unit.mission_id === '' ? <UnitDeeds unit={unit} /> : null}
    </>
  )
}

/** What can be done with a unit that has no task. */
function UnitDeeds({ unit }: { unit: UnitRow }) {
  const { incident } = useDesk()
  const { send, busy, refusal, dismiss } = useSend()
  const dispatch = useDispatch()
  const [out, setOut] = useState(false)
  return (
    <div className="unitdeeds">
      <span className="gh-m gh-s gh-ell">
        {unit.crew.length > 0 ? unit.crew.join(t('ui.comma')) : t('unit.no_crew')}
      </span>
      <span className="gh-sp" />
      {unit.state === 'ready' && incident?.state === 'open' && incident.dispatchable ? (
        <Button
          look="primary"
          busy={dispatch.busy}
          onClick={() => void dispatch.assign(unit.id)}
          data-testid="unit-send"
        >
          {t('unit.send', { number: shortNumber(incident.number) })}
        </Button>
      ) : null}
      {unit.state === 'out_of_service' ? (
        <Button
          busy={busy}
          onClick={() => void send({ kind: 'unit.put_back_in_service', unit_id: unit.id })}
          data-testid="unit-back"
        >
          {t('unit.back')}
        </Button>
      ) : (
        <Button onClick={() => setOut(true)} data-testid="unit-out">
          {t('unit.out')}
        </Button>
      )}
      {unit.state === 'off_duty' ? (
        <Button
          busy={busy}
          onClick={() =>
            void send({ kind: 'unit.set_duty', unit_id: unit.id, on_duty: true, crew: unit.crew })
          }
          data-testid="unit-on-duty"
        >
          {t('unit.on_duty')}
        </Button>
      ) : null}
      <Refused
        refusal={refusal ?? dispatch.refusal}
        dismiss={() => {
          dismiss()
          dispatch.dismiss()
        }}
      />
      {out ? (
        <CodeDialog
          title={t('unit.out_title', { unit: unit.call_sign })}
          codes={OUT_OF_SERVICE_REASONS}
          prefix="oos"
          command={(reason) => ({ kind: 'unit.take_out_of_service', unit_id: unit.id, reason })}
          onClose={() => setOut(false)}
          testid="out-dialog"
        />
      ) : null}
    </div>
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
