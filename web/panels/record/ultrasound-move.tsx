/** A picture that a person put to the wrong patient goes to another one, with a reason. */
import type { StoredImage } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend, useTable } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { patientName } from '../care/words.ts'

interface Props {
  image: StoredImage
  /** Id of the patient whom it is shown at. */
  from: string
  onMoved: () => void
}

export function MoveImage({ image, from, onMoved }: Props) {
  const others = useTable('patients').filter(
    (p) => p.mission_id === image.origin.mission_id && p.merged_into === '' && p.id !== from,
  )
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  if (others.length === 0) return null
  async function move(patientId: string) {
    const done = await send({
      kind: 'mission.put_file',
      mission_id: image.origin.mission_id,
      patient_id: patientId,
      sha256: image.origin.sha256,
      reason,
    })
    if (done) onMoved()
  }
  return (
    <div className="us-move">
      <button
        type="button"
        className="tap"
        onClick={() => setAsking(!asking)}
        data-testid="us-move"
      >
        {t(asking ? 'ui.cancel' : 'us.move')}
      </button>
      {asking && (
        <>
          <input
            className="crew-input"
            value={reason}
            placeholder={t('us.move_why')}
            aria-label={t('us.move_why')}
            onChange={(event) => setReason(event.target.value)}
            data-testid="us-move-reason"
          />
          {others.map((p) => (
            <button
              key={p.id}
              type="button"
              className="tap"
              disabled={busy || reason.trim() === ''}
              onClick={() => void move(p.id)}
              data-testid={`us-move-${p.id}`}
            >
              {t('us.put_to', { patient: patientName(p) })}
            </button>
          ))}
        </>
      )}
      <Refused refusal={refusal} />
    </div>
  )
}
