/** The pre-alert: level of urgency, needs, and the crew's words in four lines. */
import {
  type Command,
  clear,
  type HandoverRow,
  type MissionRow,
  type PatientRow,
  query,
  type RankedHospital,
  type Tier,
} from '@gh/contract'
import { t } from '@gh/i18n'
import { useNow, useRow, useSend, uuid7 } from '@gh/live'
import { Refused, TriageBadge } from '@gh/ui'
import { useEffect, useState } from 'react'
import { span } from '../care/format.ts'
import { levelOf } from '../care/inbound.ts'
import { EMPTY_MIST, LETTERS, type Mist, readMist, writeMist } from '../care/mist.ts'
import { scoreNow } from '../care/outdated.ts'
import { useGet } from '../care/query.ts'
import { band, capability, hospitalName, news2Text, patientName, sexAge } from '../care/words.ts'
import { Needs } from './hospital-sheet.tsx'
import { Choice, Sheet } from './sheet.tsx'

interface Props {
  mission: MissionRow
  patient: PatientRow
  /** Whom the sheet was opened for; the run's row may show the choice a moment later. */
  hospitalId: string
  complaint: string
  needs: readonly string[]
  /** What this hospital was told, which is to be corrected. */
  told?: HandoverRow | undefined
  onClose: () => void
}

/** Whether the run was bound for this hospital and then for another one: the desk chose. */
function useMoved(boundFor: string, hospitalId: string): boolean {
  const [met, setMet] = useState(false)
  const meets = boundFor === hospitalId
  useEffect(() => {
    if (meets) setMet(true)
  }, [meets])
  return met && !meets
}

const asTier = (told: HandoverRow | undefined): Tier | undefined =>
  told && (told.tier === 'alert' ? 'alert' : 'notice')

/** As it was told; what stood in no line of its own goes to the first. */
function toldMist(told: HandoverRow): Mist {
  const { mist, free } = readMist(told.summary ?? '')
  return free === '' ? mist : { ...mist, M: `${mist.M} ${free}`.trim() }
}

export function PreAlertSheet(props: Props) {
  const { mission, patient, hospitalId, complaint, told, onClose } = props
  const hospital = useRow('hospitals', hospitalId)
  const moved = useMoved(mission.destination_id, hospitalId)
  const [id] = useState(uuid7)
  const level = levelOf(patient)
  const score = scoreNow(patient, useNow())
  const urgent = ['I', 'II', ''].includes(level.level)
  const [tier, setTier] = useState<Tier>(asTier(told) ?? (urgent ? 'alert' : 'notice'))
  const [mist, setMist] = useState<Mist>(() =>
    told ? toldMist(told) : { ...EMPTY_MIST, M: complaint },
  )
  const [corrected, setCorrected] = useState(told?.needs ?? [])
  const needs = told ? corrected : props.needs
  const before = told ? writeMist(toldMist(told)) : ''
  const { send, busy, refusal } = useSend()
  const ranked = useGet<RankedHospital[]>(
    query('/api/hospitals/rank', { mission_id: mission.id, needs: needs.join(',') || undefined }),
  )
  const eta_s = ranked.data?.find((h) => h.hospital_id === hospitalId)?.eta_s ?? null

  async function submit() {
    const summary = writeMist(mist)
    if (told) {
      const corrects: Command = {
        kind: 'handover.correct',
        handover_id: told.id,
        tier,
        needs: [...needs],
        eta_s,
        summary: summary === before || summary === '' ? null : clear(summary),
      }
      if (await send(corrects)) onClose()
      return
    }
    const done = await send({
      kind: 'handover.prealert',
      handover_id: id,
      mission_id: mission.id,
      patient_id: patient.id,
      hospital_id: hospitalId,
      tier,
      needs: [...needs],
      eta_s,
      summary: summary === '' ? null : clear(summary),
    })
    if (done) onClose()
  }

  return (
    <Sheet
      title={t(told ? 'crew.correct_to' : 'crew.prealert_to', {
        name: hospital ? hospitalName(hospital) : hospitalId,
      })}
      onClose={onClose}
      testId="prealert-sheet"
      footer={
        <>
          <Refused refusal={refusal} />
          {moved ? (
            <b className="late" role="alert" data-testid="prealert-moved">
              {t('crew.prealert_moved', { name: mission.destination_name })}
            </b>
          ) : (
            <span className="mu">{t(told ? 'crew.correct_rule' : 'crew.prealert_rule')}</span>
          )}
          <button
            type="button"
            className="tap primary wide"
            disabled={busy || moved}
            onClick={() => void submit()}
            data-testid="prealert-send"
          >
            {t(busy ? 'crew.sending' : told ? 'crew.send_correction' : 'crew.send_prealert')}
          </button>
        </>
      }
    >
      <div className="crew-form two">
        <div>
          <div className="crew-prealert-who">
            <TriageBadge level={level.level} words size="large" />
            {!level.confirmed && level.level !== '' && (
              <em className="un">{t('crew.not_confirmed')}</em>
            )}
            <b>{patientName(patient)}</b>
            <span>{sexAge(patient)}</span>
            <span>
              NEWS2 {news2Text(score)} {score ? band(score.news2_band) : ''}
            </span>
            <span>
              {t('crew.eta')} <b className="num">{eta_s === null ? '--' : span(eta_s)}</b>
            </span>
          </div>
          <Choice<Tier>
            label={t('crew.tier')}
            value={tier}
            onChange={setTier}
            testId="tier"
            options={[
              { value: 'alert', label: t('care.tier.alert'), hint: t('crew.tier_alert_hint') },
              { value: 'notice', label: t('care.tier.notice'), hint: t('crew.tier_notice_hint') },
            ]}
          />
          {told ? (
            <Needs needs={needs} onNeeds={(next) => setCorrected([...next])} />
          ) : (
            <p>
              <span className="mu">{t('crew.needed')}</span>{' '}
              {needs.length === 0 ? t('crew.no_needs') : needs.map(capability).join(' · ')}
            </p>
          )}
        </div>
        <div>
          {LETTERS.map((letter) => (
            <label key={letter} className="crew-field">
              <span>{t(`care.mist.${letter}`)}</span>
              <textarea
                className="crew-input"
                rows={2}
                value={mist[letter]}
                placeholder={t(`crew.mist_hint.${letter}`)}
                onChange={(e) => setMist({ ...mist, [letter]: e.target.value })}
                data-testid={`mist-${letter}`}
              />
            </label>
          ))}
        </div>
      </div>
    </Sheet>
  )
}
