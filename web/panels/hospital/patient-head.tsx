/** Who is coming, how severe, when; and the nodes of the run with their sources. */
import {
  type IncidentRow,
  MILESTONES,
  type MissionRow,
  type MonitorRow,
  type PatientRow,
} from '@gh/contract'
import { t } from '@gh/i18n'
import { useFix, useNow, useNumerics } from '@gh/live'
import { LevelBadge, StateRing, TriageBadge } from '@gh/ui'
import { useLexicon } from '../care/content.tsx'
import { Died } from '../care/died.tsx'
import { ageText, clockTime, hm, span } from '../care/format.ts'
import { type Inbound, isOf, levelOf } from '../care/inbound.ts'
import { Risen } from '../care/marks.tsx'
import { deviceName, howText, isMismatched } from '../care/monitors.ts'
import { milestone, missionState, patientName, sexAge, source } from '../care/words.ts'
import { Countdown } from './inbound-row.tsx'
import { HeadPortrait } from './portrait.tsx'

interface Props {
  inbound: Inbound
  incident: IncidentRow | undefined
}

export function PatientHead({ inbound, incident }: Props) {
  const now = useNow()
  const lexicon = useLexicon()
  const { handover, mission, patient } = inbound
  const level = levelOf(patient)
  const fix = useFix(handover.unit_id)
  return (
    <section className={`gh-panel hs-head lv-${level.level || 'none'}`} data-testid="patient-head">
      <div className="hs-head-row">
        <TriageBadge level={level.level} words size="huge" />
        <div className="hs-head-who">
          <h2>
            {incident ? lexicon.about(incident) : handover.incident_number}
            {!level.confirmed && level.level !== '' && (
              <span className="gh-tag assumed">{t('hospital.proposed')}</span>
            )}
            <Risen patient={patient} />
            <Died patient={patient} mission={mission} />
            {incident?.flags.map((f) => (
              <span key={f} className="gh-tag warn">
                {lexicon.flag(f)}
              </span>
            ))}
          </h2>
          <p>
            <b>{patient ? patientName(patient) : t('ui.unknown')}</b> {patient && sexAge(patient)}
            <span className="gh-m">
              {' '}
              · {handover.incident_number} · {t('hospital.dispatch_level')}
            </span>{' '}
            <LevelBadge level={incident?.level ?? mission?.level ?? ''} />
            {patient && mission && <Devices patient={patient} mission={mission} />}
          </p>
        </div>
        <span className="gh-sp" />
        {patient && <HeadPortrait patient={patient} />}
        <div className="hs-head-unit">
          <span>
            <StateRing state={mission?.state ?? ''} /> {handover.call_sign}{' '}
            {mission && missionState(mission.state)}
          </span>
          <span className="gh-m">
            {fix
              ? t('hospital.fix_age', { age: ageText(now - fix.received_ms) })
              : t('hospital.no_fix')}
          </span>
        </div>
        <div className="hs-head-eta">
          <Countdown inbound={inbound} now={now} />
        </div>
      </div>
    </section>
  )
}

/** Whose numbers these are, and by whose word. */
function Devices({ patient, mission }: { patient: PatientRow; mission: MissionRow }) {
  if (mission.monitors.length === 0) return null
  const worn = mission.monitors.filter((m) => isOf(patient, m.patient_id))
  return (
    <span data-testid="monitor-place">
      {worn.length === 0 && (
        <span className="gh-tag warn">
          {t(mission.monitors.every((m) => m.off) ? 'monitor.off_here' : 'monitor.not_on_this')}
        </span>
      )}
      {worn.map((m) => (
        <Device key={m.device_id} monitor={m} unitId={mission.unit_id} />
      ))}
    </span>
  )
}

function Device({ monitor, unitId }: { monitor: MonitorRow; unitId: string }) {
  const other = isMismatched(monitor, useNumerics(unitId, [monitor.device_id]))
  return (
    <span className="gh-m">
      {' · '}
      {deviceName(monitor.device_id)} {howText(monitor)}
      {other && <span className="gh-tag warn">{t('monitor.mismatch')}</span>}
    </span>
  )
}

type Stop = { key: string; name: string; at_ms: number | null; note: string; estimated: boolean }

export function Nodes({ inbound, incident }: Props) {
  const { mission, handover, arrives_ms } = inbound
  const stops: Stop[] = [
    {
      key: 'call',
      name: t('hospital.node_call'),
      at_ms: incident?.opened_ms ?? null,
      note: t('source.dispatcher'),
      estimated: false,
    },
    {
      key: 'assigned',
      name: milestone('assigned'),
      at_ms: mission?.assigned_ms ?? null,
      note: t('source.dispatcher'),
      estimated: false,
    },
  ]
  for (const code of MILESTONES) {
    if (code === 'acknowledged' || code === 'cleared') continue
    const node = mission?.nodes.find((n) => n.milestone === code)
    const coming = code === 'at_hospital' && node === undefined ? arrives_ms : null
    stops.push({
      key: code,
      name: milestone(code),
      at_ms: node?.at_ms ?? coming,
      note: node
        ? node.original_ms !== null
          ? t('hospital.node_corrected', { time: hm(node.original_ms) })
          : node.supplied_late
            ? t('hospital.node_late', { source: source(node.source) })
            : source(node.source)
        : coming === null
          ? ''
          : t('hospital.node_estimated'),
      estimated: node === undefined && coming !== null,
    })
  }
  const known = stops.filter((stop) => stop.at_ms !== null && !stop.estimated)
  const later = stops.filter((stop) => stop.at_ms === null || stop.estimated)
  known.push({
    key: 'prealert',
    name: t('hospital.node_prealert'),
    at_ms: handover.sent_ms,
    note: t('source.crew'),
    estimated: false,
  })
  // What has happened stands in the order of time, what is to come in the order of a run.
  const sorted = [...known.sort((a, b) => (a.at_ms ?? 0) - (b.at_ms ?? 0)), ...later]
  return (
    <section
      className="gh-panel hs-nodes"
      data-testid="nodes"
      style={{ gridTemplateColumns: `repeat(${sorted.length}, 1fr)` }}
    >
      {sorted.map((stop, i) => {
        const before = sorted.slice(0, i).findLast((earlier) => earlier.at_ms !== null)?.at_ms
        return (
          <div
            key={stop.key}
            className={['nd', stop.at_ms === null ? 'todo' : '', stop.estimated ? 'est' : ''].join(
              ' ',
            )}
          >
            <b>{stop.name}</b>
            <div className="ln">
              {before != null && stop.at_ms !== null && (
                <em>{span((stop.at_ms - before) / 1000)}</em>
              )}
              <i />
            </div>
            <span className="tm num">{stop.at_ms === null ? '--' : clockTime(stop.at_ms)}</span>
            <small>{stop.note}</small>
          </div>
        )
      })}
    </section>
  )
}
