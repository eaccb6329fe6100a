/** Where we go, and whether somebody there has said yes by name. Silence is never acceptance. */
import type { HandoverRow, HospitalRow, MissionRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useNow, useTable } from '@gh/live'
import { Assumed } from '@gh/ui'
import { ChangedNeeds, changedText } from '../care/corrected.tsx'
import { seatText } from '../care/event-words.ts'
import { ageText, clockTime, span } from '../care/format.ts'
import { bedKind, capability, endedReason, hospitalName } from '../care/words.ts'

interface Props {
  mission: MissionRow
  patient: PatientRow | undefined
  handover: HandoverRow | undefined
  hospital: HospitalRow | undefined
  onChoose: () => void
  onPreAlert: () => void
  /** What this hospital was told is not so any more. */
  onCorrect: () => void
  onSign: () => void
}

export function HospitalCard(props: Props) {
  const { mission, patient, handover, hospital } = props
  const now = useNow()
  const wanted = mission.destination_id !== '' && handover?.hospital_id !== mission.destination_id
  return (
    <section className="panel crew-hospital" data-testid="hospital-card">
      <header>
        <svg viewBox="0 0 22 22" aria-hidden="true">
          <rect width="22" height="22" rx="4" fill="var(--st-hospital)" />
          <path d="M11 5v12M5 11h12" stroke="#fff" strokeWidth="3.2" />
        </svg>
        {/* Never below the fold: whether somebody there has said yes. */}
        <div>
          <h2>
            {hospital
              ? hospitalName(hospital)
              : mission.destination_name || t('crew.no_destination')}
          </h2>
          {handover && !wanted && <Answer handover={handover} now={now} />}
          {mission.destination_id !== '' && (handover === undefined || wanted) && (
            <p className="un">{t('crew.not_prealerted')}</p>
          )}
        </div>
        {hospital?.assumed && <Assumed />}
      </header>
      <div className="crew-hospital-body">
        {mission.destination_id === '' && <p className="mu">{t('crew.no_destination_hint')}</p>}
        <ByDesk mission={mission} />
        {hospital?.diverting && (
          <p className="bad">{t('crew.diverting', { reason: hospital.diversion_reason })}</p>
        )}
        {handover && handover.needs.length > 0 && (
          <p>{t('crew.needs', { needs: handover.needs.map(capability).join(' · ') })}</p>
        )}
        {hospital && <Beds hospital={hospital} now={now} />}
        {handover && !wanted && <Corrected handover={handover} />}
        {handover?.summary && !wanted && <p className="crew-summary">{handover.summary}</p>}
      </div>
      <footer>
        <button
          type="button"
          className="tap"
          onClick={props.onChoose}
          data-testid="choose-hospital"
        >
          {t(mission.destination_id === '' ? 'crew.choose' : 'crew.change_hospital')}
        </button>
        {mission.destination_id !== '' &&
          patient !== undefined &&
          (handover === undefined || wanted || handover.state === 'withdrawn') && (
            <button
              type="button"
              className="tap primary"
              onClick={props.onPreAlert}
              data-testid="open-prealert"
            >
              {t('crew.prealert')}
            </button>
          )}
        {handover && ['sent', 'acknowledged'].includes(handover.state) && !wanted && patient && (
          <button
            type="button"
            className="tap"
            onClick={props.onCorrect}
            data-testid="correct-prealert"
          >
            {t('crew.correct_prealert')}
          </button>
        )}
        {handover &&
          ['sent', 'acknowledged', 'handed_over'].includes(handover.state) &&
          !wanted && (
            <button type="button" className="tap" onClick={props.onSign} data-testid="open-sign">
              {t('crew.signatures', { n: Object.keys(handover.signatures).length })}
            </button>
          )}
      </footer>
    </section>
  )
}

/** What this hospital was told otherwise, as it reads it; until it has answered, marked. */
export function Corrected({ handover }: { handover: HandoverRow }) {
  if (handover.corrected_ms === null) return null
  const open = handover.state === 'sent'
  return (
    <p className={open ? 'un' : 'mu'} data-testid="prealert-corrected">
      {t('crew.corrected_at', {
        time: clockTime(handover.corrected_ms),
        what: changedText(handover),
      })}
      {open && <ChangedNeeds {...handover} />}
    </p>
  )
}

/** The desk chose it, not this crew: who and why, until the crew chooses itself. */
function ByDesk({ mission }: { mission: MissionRow }) {
  const chosen = useTable('log')
    .filter(
      (row) => row.stream === `mission:${mission.id}` && row.kind === 'mission.destination_set.v1',
    )
    .at(-1)
  if (chosen === undefined || !chosen.summary.reason) return null
  return (
    <p className="un" data-testid="desk-chose">
      {t('crew.desk_chose', { seat: seatText(chosen), reason: chosen.summary.reason })}
    </p>
  )
}

function Answer({ handover, now }: { handover: HandoverRow; now: number }) {
  switch (handover.state) {
    case 'acknowledged':
    case 'handed_over':
      return (
        <p className="ok" data-testid="prealert-answer">
          ✓ {handover.acknowledged_name || t('crew.signed_without_ack')}{' '}
          {handover.acknowledged_ms !== null && clockTime(handover.acknowledged_ms)}
          {handover.bay && <b> · {handover.bay}</b>}
        </p>
      )
    case 'declined':
      return (
        <p className="bad" data-testid="prealert-answer">
          {t('crew.declined', { reason: handover.reason })}
        </p>
      )
    case 'withdrawn':
      return (
        <p className="mu" data-testid="prealert-answer">
          {t('crew.withdrawn', { reason: endedReason(handover.reason) })}
        </p>
      )
    default:
      return (
        <p className="un" data-testid="prealert-answer">
          {t('crew.waiting_ack', { age: span((now - handover.sent_ms) / 1000) })}
        </p>
      )
  }
}

function Beds({ hospital, now }: { hospital: HospitalRow; now: number }) {
  const kinds = Object.entries(hospital.free_beds)
  if (hospital.beds_reported_ms === null || kinds.length === 0)
    return <p className="mu">{t('crew.beds_unknown')}</p>
  return (
    <p className="mu">
      {kinds.map(([kind, n]) => `${bedKind(kind)} ${n}`).join(' · ')} ·{' '}
      {t('crew.reported_ago', { age: ageText(now - hospital.beds_reported_ms) })}
    </p>
  )
}
