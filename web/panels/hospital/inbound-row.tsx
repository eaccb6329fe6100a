/** One patient on the way: countdown, level, one letter a line, signs with their trend, the answer. */
import type { HandoverRow, IncidentRow, PatientRow, Sign } from '@gh/contract'
import { t } from '@gh/i18n'
import { useFix, useLimits, useNow, useRow } from '@gh/live'
import { Button, StateRing, TriageBadge } from '@gh/ui'
import { useLexicon } from '../care/content.tsx'
import { ChangedNeeds, changedText } from '../care/corrected.tsx'
import { deviceAlarmText, isPressingNow, marks, silentText } from '../care/device-alarms.ts'
import { diedText } from '../care/died.tsx'
import { ageText, clockTime, hm, span } from '../care/format.ts'
import { alarms, type Inbound, isHandedOver, levelOf } from '../care/inbound.ts'
import { Risen, WarnMark } from '../care/marks.tsx'
import { Misled } from '../care/misled.tsx'
import { LETTERS, readMist } from '../care/mist.ts'
import { isOutdated, scoreNow } from '../care/outdated.ts'
import { Reassess } from '../care/reassess.tsx'
import { alarmClass, isCritical } from '../care/vital-alarms.tsx'
import { numberText, readings, series, signAges, trend } from '../care/vitals.ts'
import {
  capability,
  missionState,
  news2Text,
  patientName,
  sexAge,
  signName,
} from '../care/words.ts'
import { EcgWait } from '../record/ecg-physician.tsx'
import { useSets } from './sets.ts'
import { Spark } from './spark.tsx'

const WINDOW_MS = 15 * 60_000

interface Props {
  inbound: Inbound
  selected: boolean
  onSelect: () => void
  onAcknowledge: () => void
}

export function InboundRow({ inbound, selected, onSelect, onAcknowledge }: Props) {
  const now = useNow()
  const { handover, mission, patient } = inbound
  const incident = useRow('incidents', handover.incident_id)
  const lexicon = useLexicon()
  const level = levelOf(patient)
  const fix = useFix(handover.unit_id)
  const amber_s = useLimits()?.screen.position_amber_s
  const fixAge = fix === undefined ? null : now - fix.received_ms
  const waits = alarms(handover)
  const watched = isHandedOver(mission, handover) ? undefined : patient
  return (
    <article
      className={[
        'hs-case',
        `lv-${level.level || 'none'}`,
        selected ? 'sel' : '',
        waits ? 'waits' : '',
        alarmClass(watched, ...(watched?.alarms.map((one) => one.sign) ?? [])),
      ].join(' ')}
      data-testid={`inbound-${handover.id}`}
    >
      <button
        type="button"
        className="hs-case-hit"
        aria-pressed={selected}
        aria-label={t('hospital.open', { number: handover.incident_number })}
        onClick={onSelect}
      />
      <div className="hs-when">
        <Countdown inbound={inbound} now={now} />
        <span className="hs-state">
          <StateRing state={mission?.state ?? ''} />
          {mission ? missionState(mission.state) : t('ui.unknown')}
        </span>
        <span>
          <span className={handover.tier === 'alert' ? 'gh-tag warn' : 'gh-tag'}>
            {t(`care.tier.${handover.tier}`)}
          </span>
        </span>
        {fixAge !== null && amber_s !== undefined && fixAge > amber_s * 1000 && (
          <span className="un hs-s">
            <WarnMark /> {t('hospital.position_old', { age: ageText(fixAge) })}
          </span>
        )}
      </div>
      <div className="hs-what">
        {patient && patient.died_ms !== null && (
          <p className="hs-mark bad" data-testid="died">
            {diedText(patient.died_ms, mission)}
          </p>
        )}
        {watched && <AlarmMark patient={watched} />}
        {watched && <Reassess patient={watched} />}
        <Misled patient={watched} />
        <div className="hs-title">
          <TriageBadge level={level.level} words />
          {!level.confirmed && level.level !== '' && (
            <span className="gh-tag assumed">{t('hospital.proposed_short')}</span>
          )}
          <Risen patient={patient} />
          <b>{incident ? lexicon.about(incident) : handover.incident_number}</b>
          <EcgWait patient={watched} />
        </div>
        <div className="hs-atmist">
          <u>A</u>
          <span>
            <b>{patient ? sexAge(patient) : t('ui.unknown')}</b> ·{' '}
            {handover.incident_number.split('-').at(-1)} · {handover.call_sign}
            {patient && ` · ${patientName(patient)}`}
          </span>
          <Mist summary={handover.summary} incident={incident} />
        </div>
      </div>
      <Signs inbound={inbound} now={now} />
      <div className="hs-foot">
        <div>
          {handover.needs.length > 0 && <small>{t('hospital.needs')}</small>}
          {handover.needs.map((n) => (
            <span key={n} className="gh-tag">
              {capability(n)}
            </span>
          ))}
          <Corrected handover={handover} />
        </div>
        {handover.state === 'acknowledged' ? (
          <>
            <span className="ok">
              ✓ {handover.acknowledged_name}{' '}
              {handover.acknowledged_ms !== null && hm(handover.acknowledged_ms)}
            </span>
            <b>{handover.bay || t('hospital.no_bay')}</b>
          </>
        ) : (
          <>
            <span className="un">
              <WarnMark />{' '}
              {t('hospital.unanswered', { age: span((now - handover.sent_ms) / 1000) })}{' '}
              <small>
                <Due due_ms={handover.answer_due_ms} />
              </small>
            </span>
            <Button look="primary" onClick={onAcknowledge} data-testid={`ack-${handover.id}`}>
              {t('hospital.accept')}
            </Button>
          </>
        )}
      </div>
    </article>
  )
}

/** What the crew has said otherwise since: marked until it is answered, and dated from then on. */
export function Corrected({ handover }: { handover: HandoverRow }) {
  if (handover.corrected_ms === null) return null
  const open = handover.state === 'sent'
  const what = changedText(handover)
  return (
    <span className={open ? 'un' : 'gh-m'} data-testid="corrected">
      {open && <WarnMark />}{' '}
      {t('hospital.corrected', { time: clockTime(handover.corrected_ms), what })}
      {open && <ChangedNeeds {...handover} />}
    </span>
  )
}

/** That this one sounds, in the row: the board is what a wall shows. */
function AlarmMark({ patient }: { patient: PatientRow }) {
  const { alarms: beyond, device_alarms: own, worse } = patient
  const first = beyond.find(isCritical) ?? beyond[0]
  const told = own?.[0]
  if (told && (first === undefined || (isPressingNow(told) && !isCritical(first)))) {
    const more = beyond.length + own.length - 1
    return (
      <p className={isPressingNow(told) ? 'hs-mark bad' : 'hs-mark un'} data-testid="row-alarm">
        {marks(told.priority)} {deviceAlarmText(told)} {silentText(told.silent_ms)}
        {more > 0 && ` +${more}`}
      </p>
    )
  }
  if (first === undefined && worse.length === 0) return null
  return (
    <p
      className={first && isCritical(first) ? 'hs-mark bad' : 'hs-mark un'}
      data-testid="row-alarm"
    >
      {first
        ? `${isCritical(first) ? '!!!' : '!'} ${signName(first.sign)} ${t(`care.alarm.${first.alarm}`)} ${numberText(first.sign, first.value)}`
        : `!! ${t('care.worse.title')}`}
      {beyond.length + (own?.length ?? 0) > 1 && ` +${beyond.length + (own?.length ?? 0) - 1}`}
    </p>
  )
}

/** How long until the centre rings up, or that it should have. */
export function Due({ due_ms }: { due_ms: number | null }) {
  const now = useNow()
  if (due_ms === null) return null
  return now < due_ms
    ? t('hospital.due', { left: span((due_ms - now) / 1000) })
    : t('hospital.due_past')
}

export function Countdown({ inbound, now }: { inbound: Inbound; now: number }) {
  const { arrived_ms, arrives_ms, range_ms } = inbound
  if (arrived_ms !== null)
    return (
      <>
        <div className="hs-eta here">{span((now - arrived_ms) / 1000)}</div>
        <span className="hs-s">{t('hospital.arrived_at', { time: clockTime(arrived_ms) })}</span>
      </>
    )
  if (arrives_ms === null)
    return (
      <>
        <div className="hs-eta none">--′--″</div>
        <span className="hs-s mu">{t('hospital.no_eta')}</span>
      </>
    )
  const left = (arrives_ms - now) / 1000
  return (
    <>
      <div className={left < 0 ? 'hs-eta late' : 'hs-eta'}>{span(Math.max(0, left))}</div>
      <span className="hs-s">
        {left < 0
          ? t('hospital.overdue', { time: hm(arrives_ms) })
          : range_ms === null
            ? t('hospital.arrives_at', { time: hm(arrives_ms) })
            : t('hospital.arrives_within', { from: hm(range_ms[0]), to: hm(range_ms[1]) })}
      </span>
    </>
  )
}

export function Mist({
  summary,
  incident,
}: {
  summary: string | null
  incident: IncidentRow | undefined
}) {
  const { mist, free } = readMist(summary ?? '')
  return (
    <>
      <u>T</u>
      <span>
        {incident ? t('hospital.called_at', { time: hm(incident.opened_ms) }) : t('ui.unknown')}
      </span>
      {LETTERS.filter((l) => mist[l] !== '').map((l) => (
        <span key={l} className="hs-line">
          <u>{l}</u>
          <span>{mist[l]}</span>
        </span>
      ))}
      {free !== '' && (
        <span className="hs-line">
          <u>…</u>
          <span>{free}</span>
        </span>
      )}
    </>
  )
}

const ROWS: readonly { sign: Sign; label: string; step: number }[] = [
  { sign: 'heart_rate', label: 'HR', step: 5 },
  { sign: 'nibp_sys', label: 'BP', step: 8 },
  { sign: 'spo2', label: 'SpO₂', step: 2 },
  { sign: 'resp', label: 'RR', step: 2 },
]

function Signs({ inbound, now }: { inbound: Inbound; now: number }) {
  const { patient } = inbound
  const { sets, live } = useSets(patient)
  const all = readings(sets, live, patient)
  const newest = Math.max(0, ...[...all.values()].map((r) => r.at_ms))
  const from = now - WINDOW_MS
  const { stale_ms, silent_ms } = signAges(useLimits())
  const score = scoreNow(patient, now)
  return (
    <div className="hs-signs">
      {ROWS.map(({ sign, label, step }) => {
        const key: Sign = sign === 'heart_rate' && all.get(sign)?.value == null ? 'pulse' : sign
        const reading = all.get(key)
        const dia = all.get('nibp_dia')?.value
        const line = series(sets, key, from)
        return (
          <div
            key={sign}
            className={reading && now - reading.at_ms > stale_ms(key) ? 'old' : undefined}
          >
            <span>{label}</span>
            <b>
              {reading?.value == null
                ? '--'
                : sign === 'nibp_sys'
                  ? `${numberText(key, reading.value)}/${dia == null ? '--' : Math.round(dia)}`
                  : numberText(key, reading.value)}
            </b>
            <i>{trend(line, step)}</i>
            <Spark
              series={line}
              from_ms={Math.max(from, line.at_ms[0] ?? from)}
              to_ms={now}
              width={44}
              height={16}
            />
          </div>
        )
      })}
      <div className={patient && isOutdated(patient, 'gcs', now) ? 'old' : undefined}>
        <span>GCS</span>
        <b>{patient?.gcs_text || '--'}</b>
      </div>
      <div>
        <span>NEWS2</span>
        <b className={score?.news2_band === 'high' ? 'bad' : undefined}>{news2Text(score)}</b>
      </div>
      {newest === 0 ? (
        <p className="hs-s mu">{t('hospital.no_signs')}</p>
      ) : (
        now - newest > silent_ms && (
          <p className="hs-s un">{t('hospital.signs_old', { age: ageText(now - newest) })}</p>
        )
      )}
    </div>
  )
}
