/** Pictures of which nobody has said whose they are: quality puts each to a patient and says why. */
import type { WaitingImage } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Button, Empty, ErrorNote, Panel, Refused, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { Link } from 'react-router'
import { dayTime } from '../care/format.ts'
import { useGet } from '../care/query.ts'
import { waitingUrl } from '../record/images.ts'
import { aboardText } from './monitors.ts'

const EVERY_MS = 10_000

export function Waiting() {
  const waiting = useGet<WaitingImage[]>('/api/images/waiting/all', { every_ms: EVERY_MS })
  return (
    <Panel title={t('review.waiting')} testid="waiting">
      {waiting.data === undefined ? (
        waiting.isError ? (
          <ErrorNote
            what={t('review.waiting_failed')}
            works={t('review.list_works')}
            retry={() => void waiting.refetch()}
          />
        ) : (
          <Skeleton rows={6} />
        )
      ) : waiting.data.length === 0 ? (
        <div data-testid="waiting-none">
          <Empty title={t('review.waiting_none')} hint={t('review.waiting_none_hint')} />
        </div>
      ) : (
        <ul className="rv-waiting">
          {waiting.data.map((one) => (
            <One key={one.image.origin.sha256} one={one} onChanged={() => void waiting.refetch()} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function One({ one, onChanged }: { one: WaitingImage; onChanged: () => void }) {
  const { image, candidates } = one
  const [patient, setPatient] = useState('')
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  const lacks =
    patient === '' ? 'monitor.choose_patient' : reason.trim() === '' ? 'errors.reason_required' : ''

  async function put() {
    const done = await send({
      kind: 'mission.put_file',
      mission_id: image.origin.mission_id,
      patient_id: patient,
      sha256: image.origin.sha256,
      reason: reason.trim(),
      claim: true,
    })
    if (done) onChanged()
  }

  return (
    <li data-testid="waiting-one">
      {image.problem === '' ? (
        <img src={waitingUrl(image)} alt={image.label || t('us.title')} loading="lazy" />
      ) : (
        <p className="rv-broken">{t('us.cannot')}</p>
      )}
      <div>
        <p>
          <b>{image.label || t('us.title')}</b>{' '}
          <span className="num">{t('us.came', { time: dayTime(image.origin.received_ms) })}</span>
        </p>
        <p>
          {one.call_sign} · {image.origin.device} ·{' '}
          <Link className="rv-link" to={`/review/${one.incident_id}`}>
            {one.number}
          </Link>
          {image.test && ` · ${t('us.test')}`}
        </p>
        <fieldset>
          <legend>{t('review.waiting_whose')}</legend>
          {candidates.map((who) => (
            <label key={who.patient_id}>
              <input
                type="radio"
                name={image.origin.sha256}
                checked={who.patient_id === patient}
                onChange={() => setPatient(who.patient_id)}
              />
              {aboardText(who)}
            </label>
          ))}
        </fieldset>
        <label className="gh-field">
          <span>{t('review.waiting_why')}</span>
          <input
            className="gh-input"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            data-testid="waiting-reason"
          />
        </label>
        <Refused refusal={refusal} />
        <p className="gh-row">
          <Button
            look="primary"
            busy={busy}
            disabled={lacks !== ''}
            onClick={() => void put()}
            data-testid="waiting-put"
          >
            {t('review.waiting_put')}
          </Button>
          {lacks !== '' && <span className="gh-m">{t(lacks)}</span>}
        </p>
      </div>
    </li>
  )
}
