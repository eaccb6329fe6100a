/** The top bar: who we are, whom we carry, and what is connected. Nothing here ever blocks. */
import type { EdgeStatus, IncidentRow, MissionRow, PatientRow, UnitRow } from '@gh/contract'
import { t, tOr, useLang } from '@gh/i18n'
import { useFix, useLimits, useLink, useNow, useNumerics, useTable, useWaiting } from '@gh/live'
import { useSession } from '@gh/session'
import { LevelBadge, TriageBadge } from '@gh/ui'
import { ecgAge, useEcg } from '@gh/waveform'
import { memo, type ReactNode, useState } from 'react'
import { useLexicon } from '../care/content.tsx'
import { Died } from '../care/died.tsx'
import { EndKept } from '../care/end-kept.tsx'
import { ageText, clockTime } from '../care/format.ts'
import { levelOf } from '../care/inbound.ts'
import { OkMark, OpenMark, WarnMark } from '../care/marks.tsx'
import { deviceName, isUnbound, wearersOf } from '../care/monitors.ts'
import { useGet } from '../care/query.ts'
import { signAges } from '../care/vitals.ts'
import { patientName, sexAge } from '../care/words.ts'
import { CabinLight } from './cabin-switch.tsx'
import { doubleNames, Menu } from './crew-menu.tsx'
import {
  clockError,
  diskWord,
  isConnected,
  rateOf,
  recordingWord,
  spares,
  unheard,
  uplinkName,
  waitingClasses,
} from './links.ts'
import { lacksMap } from './offline-map.tsx'
import { missingWord, type PlaceWord, useTabletPlace } from './position.ts'
import { TabletDialog } from './tablet-dialog.tsx'

interface Props {
  unit: UnitRow | undefined
  unitId: string
  mission: MissionRow | undefined
  incident: IncidentRow | undefined
  patient: PatientRow | undefined
}

export function LinkBar({ unit, unitId, mission, incident, patient }: Props) {
  const now = useNow()
  const lexicon = useLexicon()
  const [menu, setMenu] = useState(false)
  const [joining, setJoining] = useState(false)
  const edge = useGet<EdgeStatus>('/api/edge/status', { every_ms: 2_000, stale_ms: 0 })
  const place = useTabletPlace(edge.data?.unit_id ?? '')
  const level = levelOf(patient)
  return (
    <header className="crew-top">
      <b className="crew-callsign" data-testid="call-sign">
        {unit?.call_sign || mission?.call_sign || edge.data?.call_sign || unitId}
      </b>
      {unit && mission === undefined && (
        <span className="mu">{tOr(`unit_kind.${unit.unit_kind}`, unit.unit_kind)}</span>
      )}
      {level.level !== '' && level.confirmed ? (
        <TriageBadge level={level.level} words size="large" />
      ) : (
        mission && mission.level !== '' && <LevelBadge level={mission.level} size="large" />
      )}
      {mission && (
        <b className="crew-case">
          {mission.incident_number.split('-').at(-1)} {incident && lexicon.about(incident)}
        </b>
      )}
      {patient && (
        <span className="crew-patient" data-testid="patient-line">
          <EndKept text={patientName(patient)} patient={patient} /> {sexAge(patient)}{' '}
          <Died patient={patient} mission={mission} />
        </span>
      )}
      <DoubleTag />
      <Strangers all={edge.data?.strangers ?? []} now={now} />
      <Links
        edge={edge.data}
        edgeFailed={edge.isError}
        unitId={unitId}
        mission={mission}
        patientId={patient?.id ?? ''}
        place={place}
        now={now}
      />
      <button
        type="button"
        className="crew-clock"
        aria-expanded={menu}
        onClick={() => setMenu(!menu)}
        data-testid="menu"
      >
        {clockTime(now)}
        <svg viewBox="0 0 12 8" aria-hidden="true">
          <path d="M1 1.5 6 6.5l5-5" fill="none" stroke="currentColor" strokeWidth="2" />
        </svg>
      </button>
      {menu && (
        <Menu
          unit={unit}
          video={edge.data?.video ?? null}
          map={edge.data?.map ?? null}
          now={now}
          onRun={mission?.active === true}
          place={place}
          onTablet={() => {
            setMenu(false)
            setJoining(true)
          }}
          onClose={() => setMenu(false)}
        />
      )}
      {joining && <TabletDialog onClose={() => setJoining(false)} />}
    </header>
  )
}

/** What is connected and in no register: a crew that waits for its numbers waits in vain. */
export function Strangers({ all, now }: { all: EdgeStatus['strangers']; now: number }) {
  const { silent_ms } = signAges(useLimits())
  const heard = all.filter((one) => now - one.heard_ms < 2 * silent_ms)
  if (heard.length === 0) return null
  const id = heard.map((one) => deviceName(one.device_id)).join(t('ui.comma'))
  return (
    <b className="un" role="status" data-testid="strangers">
      {t('crew.link.stranger', { id })}
    </b>
  )
}

/** A test double is named on every screen, never hidden in a menu. */
function DoubleTag() {
  const session = useSession()
  if (!session || session.doubles.length === 0) return null
  return (
    <span
      className="crew-double"
      title={t('crew.doubles', { names: doubleNames(session.doubles) })}
    >
      {t('crew.double_tag', { n: session.doubles.length })}
    </span>
  )
}

const Links = memo(function Links({
  edge,
  edgeFailed,
  unitId,
  mission,
  patientId,
  place,
  now,
}: {
  edge: EdgeStatus | undefined
  edgeFailed: boolean
  unitId: string
  mission: MissionRow | undefined
  patientId: string
  place: PlaceWord | null
  now: number
}) {
  useLang()
  const onRun = mission?.active === true
  const link = useLink()
  const fix = useFix(unitId)
  const waiting = useWaiting()
  const pending = (edge?.pending ?? 0) + waiting.length
  const age = (ms: number | undefined) => (ms === undefined ? null : now - ms)
  const fixAge = age(fix?.received_ms)
  const limits = useLimits()
  const fix_ms = (limits?.screen.position_amber_s ?? Number.POSITIVE_INFINITY) * 1000
  const live = link.state === 'live'
  const placed = fix?.point != null && fixAge !== null && fixAge < fix_ms
  const missing = placed ? null : missingWord(place)
  const clockBy = clockError(edge?.clock)
  const disk = diskWord(edgeFailed ? undefined : edge, limits, useNumerics(unitId))
  const network = isConnected({ data: edge, isError: edgeFailed }, live)
  const rate = edgeFailed ? null : rateOf(edge)
  const off = edge?.last_contact_ms == null ? '' : ageText(now - edge.last_contact_ms)
  return (
    <div className="crew-links" data-testid="links">
      <Recording word={edgeFailed ? null : recordingWord(edge, onRun)} />
      <CabinLight edge={edgeFailed ? undefined : edge} />
      <Light ok={network} id="network">
        {network ? networkText(edge, now) : t('crew.link.offline', { age: off })}
        {network && rate !== null && (
          <small className="crew-link-calm num">{t('crew.link.rate', { n: rate })}</small>
        )}
      </Light>
      {!edgeFailed &&
        spares(edge).map((one) => (
          <Light key={one.name} ok={one.up} id={`spare-${one.name}`} calm>
            {one.up
              ? t('crew.link.spare', { name: one.name })
              : t('crew.link.spare_off', {
                  name: one.name,
                  age: one.since_ms === null ? '--' : ageText(now - one.since_ms),
                })}
          </Light>
        ))}
      <Light ok={live} id="screen" hideWhenOk>
        {t(`crew.link.screen_${link.state}`)}
      </Light>
      <Light ok={placed} id="position" calm>
        {fixAge === null || !fix?.point
          ? t('crew.link.position_none')
          : fixAge < fix_ms
            ? t(fix.tablet ? 'crew.link.position_tablet' : 'crew.link.position')
            : t('crew.link.position_old', { age: ageText(fixAge) })}
      </Light>
      {missing !== null && (
        <Light ok={false} id="tablet-position">
          {t(`crew.link.tablet_${missing}`)}
        </Light>
      )}
      <MonitorLight unitId={unitId} mission={mission} now={now} />
      <EcgLight unitId={onRun ? unitId : ''} patientId={patientId} now={now} />
      {lacksMap(edge) && (
        <Light ok={false} id="map" calm>
          {t('crew.map.none')}
        </Light>
      )}
      {edge?.card_reader != null && (
        <Light ok={edge.card_reader} id="card-reader" calm>
          {t(edge.card_reader ? 'crew.link.card_reader' : 'crew.link.card_reader_off')}
        </Light>
      )}
      {edge && edge.commander !== '' && (
        <Light ok={edge.refused.length === 0} id="commander">
          {t('crew.node.commander', { node: edge.commander })}
          {edge.refused.length > 0 &&
            ` · ${t('crew.node.refused', { numbers: edge.refused.join(t('ui.comma')) })}`}
        </Light>
      )}
      {clockBy !== null && (
        <Light ok={false} id="clock">
          {t(clockBy > 0 ? 'crew.link.clock_slow' : 'crew.link.clock_fast', {
            age: ageText(Math.abs(clockBy)),
          })}
        </Light>
      )}
      {disk !== null && (
        <Light ok={false} id="disk">
          {disk === 'unstored' ? t('crew.link.disk_full') : t('crew.link.disk', { n: disk })}
        </Light>
      )}
      <Light ok={pending === 0} id="pending">
        {waitingText(edge, pending)}
      </Light>
    </div>
  )
})

/** Whether the monitor is heard, and always on whom it is: no sheet covers the bar. */
function MonitorLight({
  unitId,
  mission,
  now,
}: {
  unitId: string
  mission: MissionRow | undefined
  now: number
}) {
  const numerics = useNumerics(unitId)
  const patients = useTable('patients')
  const { silent_ms } = signAges(useLimits())
  const worn = mission === undefined ? [] : [...wearersOf(mission, patients)]
  const unbound = mission?.monitors.some(isUnbound) === true
  const age = numerics === undefined ? null : now - numerics.received_ms
  if (age === null && worn.length === 0)
    return <Off id="monitor">{t('crew.link.monitor_none')}</Off>
  const heard = age !== null && age < silent_ms
  return (
    <Light ok={heard && !unbound} id="monitor">
      {heard || age === null
        ? t('crew.link.monitor')
        : t('crew.link.monitor_old', { age: ageText(age) })}
      {worn.map(([text, patient]) => (
        <EndKept key={text} text={text} patient={patient} />
      ))}
    </Light>
  )
}

interface EcgLightProps {
  unitId: string
  patientId: string
  now: number
}

/** Of the patient who is on the screen. */
function EcgLight({ unitId, patientId, now }: EcgLightProps) {
  const state = useEcg(patientId === '' ? '' : unitId, patientId, false)
  const { silent_ms } = signAges(useLimits())
  const { ms: age } = ecgAge(state, now)
  if (state.window === null) return <Off id="ecg">{t('crew.link.ecg_none')}</Off>
  return (
    <Light ok={age < silent_ms} id="ecg" calm>
      {age < silent_ms ? t('crew.link.ecg') : t('crew.link.ecg_old', { age: ageText(age) })}
    </Light>
  )
}

/** What is not there, and need not be: said, and no warning. */
const Off = ({ id, children }: { id: string; children: ReactNode }) => (
  <span className="mu crew-link-calm" data-testid={`link-${id}`}>
    <OpenMark />
    {children}
  </span>
)

/** Everybody on board may see that the cabin is filmed, or that it should be and is not. */
function Recording({ word }: { word: ReturnType<typeof recordingWord> }) {
  if (word === null) return null
  if (word !== 'recording')
    return (
      <Light ok={false} id="recording">
        {t(`crew.link.${word}`)}
      </Light>
    )
  return (
    <span className="crew-rec" title={t('crew.filmed')} data-testid="link-recording">
      <i aria-hidden="true" />
      {t('crew.link.recording')}
    </span>
  )
}

function networkText(edge: EdgeStatus | undefined, now: number): string {
  const name = uplinkName(edge)
  const old_ms = unheard(edge, now)
  return [
    name ? t('crew.link.network_over', { name }) : t('crew.link.network'),
    old_ms !== null && t('crew.link.heard', { age: ageText(old_ms) }),
  ]
    .filter(Boolean)
    .join(' ')
}

/** By class where more than the records wait; else the number alone. */
function waitingText(edge: EdgeStatus | undefined, pending: number): string {
  const waiting = waitingClasses(edge)
  if (waiting.every((one) => one.data === 'events')) return t('crew.link.pending', { n: pending })
  const words = waiting.map(({ data, n }) =>
    t(`crew.link.waiting_${data}`, data === 'backlog' ? { age: ageText(n) } : { n }),
  )
  return t('crew.link.waiting', { what: words.join(' · ') })
}

/** `calm`: gives way, while it is in order, where the bar is full. */
function Light(props: {
  ok: boolean
  id: string
  hideWhenOk?: boolean
  calm?: boolean
  children: ReactNode
}) {
  if (props.ok && props.hideWhenOk) return null
  const good = props.calm ? 'crew-link-calm' : undefined
  return (
    <span className={props.ok ? good : 'crew-link-bad'} data-testid={`link-${props.id}`}>
      {props.ok ? <OkMark /> : <WarnMark />}
      {props.children}
    </span>
  )
}
