/** The level: the score proposes with its reasons, a clinician confirms; lowering needs a reason. */
import { type PatientRow, TRIAGE_LEVELS, type TriageLevel } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useLimits, useNow, useSend } from '@gh/live'
import { Refused, TriageBadge } from '@gh/ui'
import { useState } from 'react'
import { clockTime } from '../care/format.ts'
import { outdatedText, scoreNow } from '../care/outdated.ts'
import { useWho } from '../care/who.ts'
import {
  band,
  isAtLeast,
  JUDGED,
  levelMissing,
  levelReason,
  missingName,
  news2Text,
} from '../care/words.ts'
import { say } from '../dispatch/words.ts'
import { countJudged, Judged } from './judged.tsx'
import { lowers } from './model.ts'
import { ReasonPicker, Sheet } from './sheet.tsx'

export function LevelSheet({ patient, onClose }: { patient: PatientRow; onClose: () => void }) {
  const now = useNow()
  const score = scoreNow(patient, now)
  const limits = useLimits()
  const who = useWho()
  const content = useContent()
  const [judging, setJudging] = useState(false)
  const outdated = outdatedText(patient, now, limits, content)
  const judged = content?.sheets.find((one) => one.about.id === JUDGED)
  const count = countJudged(judged, patient)
  const proposed = score?.level ?? ''
  const [chosen, setChosen] = useState<TriageLevel | null>(null)
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  const needsReason = chosen !== null && lowers(chosen, proposed)
  const ready = chosen !== null && (!needsReason || reason.trim() !== '')

  async function confirm() {
    if (chosen === null) return
    const done = await send({
      kind: 'patient.confirm_level',
      patient_id: patient.id,
      level: chosen,
      reason: reason.trim(),
    })
    if (done) onClose()
  }

  return (
    <Sheet
      title={judging ? say(judged?.about.title) : t('crew.level')}
      onClose={onClose}
      testId="level-sheet"
      footer={
        <>
          <Refused refusal={refusal} />
          {judging && (
            <button
              type="button"
              className="tap primary wide"
              onClick={() => setJudging(false)}
              data-testid="judged-back"
            >
              {isAtLeast(score) && `${t('record.at_least')} `}
              <TriageBadge level={proposed} words /> {t('crew.judged_back')}
            </button>
          )}
          {!judging && needsReason && reason.trim() === '' && (
            <span className="un">{t('crew.lower_reason')}</span>
          )}
          {!judging && ready && (
            <button
              type="button"
              className="tap primary wide"
              disabled={busy}
              onClick={() => void confirm()}
              data-testid="level-confirm"
            >
              {busy ? t('crew.sending') : t('crew.confirm_level', { level: t(`triage.${chosen}`) })}
            </button>
          )}
        </>
      }
    >
      {judging ? (
        <Judged patient={patient} />
      ) : (
        <div className="crew-form">
          <div className="crew-score" data-testid="score">
            <div>
              <span className="mu">NEWS2</span>
              <b className="num">{news2Text(score)}</b>
              <span>{score ? band(score.news2_band) : t('crew.no_score')}</span>
            </div>
            <div>
              <span className="mu">{t('crew.proposed_level')}</span>
              <span>
                {isAtLeast(score) && <b className="un">{t('record.at_least')} </b>}
                <TriageBadge level={proposed} words size="large" />
              </span>
              <span className="mu">
                {score ? t('crew.computed_at', { time: clockTime(score.at_ms) }) : ''}
              </span>
            </div>
            <div>
              <span className="mu">{t('crew.confirmed_level')}</span>
              <TriageBadge level={patient.level} words size="large" />
              <span className="mu">
                {patient.level_ms === null
                  ? t('crew.not_confirmed')
                  : `${who(patient.level_by)} ${clockTime(patient.level_ms)}`.trim()}
              </span>
            </div>
          </div>
          {score && score.level_reasons.length > 0 && (
            <p>
              <span className="mu">{t('crew.because')}</span>{' '}
              {[...new Set(score.level_reasons.map((one) => levelReason(one, content)))].join(
                ' · ',
              )}
            </p>
          )}
          {score && score.news2_missing.length > 0 && (
            <p className="un" data-testid="score-missing">
              {t('crew.missing', {
                what: score.news2_missing
                  .map((one) => missingName(one, content))
                  .join(t('ui.comma')),
              })}
            </p>
          )}
          {isAtLeast(score) && (
            <p className="un" data-testid="level-missing">
              {t('care.level_missing', { what: levelMissing(score, content) })}
            </p>
          )}
          {outdated !== '' && (
            <p className="un" data-testid="outdated">
              {t('care.outdated', { what: outdated })}
            </p>
          )}
          <button
            type="button"
            className="tap wide"
            onClick={() => setJudging(true)}
            data-testid="judged-open"
          >
            <b>{say(judged?.about.title)}</b>
            <small>{t('crew.judged_count', { yes: count.yes, open: count.open })}</small>
          </button>
          <fieldset className="crew-choice">
            <legend>{t('crew.confirm_as')}</legend>
            <div className="crew-levels">
              {TRIAGE_LEVELS.map((level) => (
                <button
                  key={level}
                  type="button"
                  className="tap"
                  aria-pressed={chosen === level}
                  onClick={() => setChosen(level)}
                  data-testid={`level-${level}`}
                >
                  <TriageBadge level={level} words size="large" />
                  <small>
                    {level === proposed ? t('crew.as_proposed') : t(`care.triage_hint.${level}`)}
                  </small>
                </button>
              ))}
            </div>
          </fieldset>
          {needsReason && (
            <ReasonPicker
              label={t('crew.lower_reason')}
              value={reason}
              onChange={setReason}
              reasons={[
                t('crew.reason.clinical'),
                t('crew.reason.artefact'),
                t('crew.reason.chronic'),
              ]}
            />
          )}
        </div>
      )}
    </Sheet>
  )
}
