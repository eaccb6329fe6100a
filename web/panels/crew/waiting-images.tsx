/** Pictures that came while several patients were aboard: the crew says whose each is. */
import type { StoredImage } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend, useTable } from '@gh/live'
import { Refused } from '@gh/ui'
import { clockTime } from '../care/format.ts'
import { patientName, sexAge } from '../care/words.ts'
import { useWaiting, waitingUrl } from '../record/images.ts'

interface Props {
  missionId: string
  onPut: () => void
}

export function WaitingImages({ missionId, onPut }: Props) {
  const waiting = useWaiting(missionId)
  const images = waiting.data ?? []
  if (images.length === 0) return null
  return (
    <section className="us-waiting" data-testid="us-waiting">
      <p role="status">
        <b className="un">{t('us.waiting_n', { n: images.length })}</b> {t('us.waiting_hint')}
      </p>
      <ul>
        {images.map((image) => (
          <One
            key={image.origin.sha256}
            image={image}
            onPut={() => {
              void waiting.refetch()
              onPut()
            }}
          />
        ))}
      </ul>
    </section>
  )
}

function One({ image, onPut }: { image: StoredImage; onPut: () => void }) {
  const aboard = useTable('patients').filter(
    (p) => p.mission_id === image.origin.mission_id && p.merged_into === '',
  )
  const { send, busy, refusal } = useSend()
  async function put(patientId: string) {
    const done = await send({
      kind: 'mission.put_file',
      mission_id: image.origin.mission_id,
      patient_id: patientId,
      sha256: image.origin.sha256,
      claim: true,
    })
    if (done) onPut()
  }
  return (
    <li data-testid="us-waiting-one">
      {image.problem === '' ? (
        <img src={waitingUrl(image)} alt={image.label} loading="lazy" />
      ) : (
        <span className="us-broken" aria-hidden="true">
          ?
        </span>
      )}
      <p>
        <b>{image.label || t('us.title')}</b> · {image.origin.device} ·{' '}
        {t('us.came', { time: clockTime(image.origin.received_ms) })}
      </p>
      {aboard.map((p) => (
        <button
          key={p.id}
          type="button"
          className="tap"
          disabled={busy}
          onClick={() => void put(p.id)}
          data-testid={`us-put-${p.id}`}
        >
          {t('us.put_to', { patient: `${patientName(p)} · ${sexAge(p)}` })}
        </button>
      ))}
      <Refused refusal={refusal} />
    </li>
  )
}
