/** The patient got worse since somebody last looked: said and sounded until a person has seen it. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Refused, useTone } from '@gh/ui'
import { clockTime } from './format.ts'

interface Props {
  patient: PatientRow | undefined
  /** Who got worse, where it is not the patient on the screen. */
  who?: string | undefined
}

export function WorseAlarm({ patient, who }: Props) {
  const { send, busy, refusal } = useSend()
  const worse = patient?.worse ?? []
  const newest = worse.at(-1)
  useTone('worse', newest !== undefined)
  if (patient === undefined || newest === undefined) return null
  return (
    <div className="vital-alarms" role="alert" data-testid="worse-alarm">
      {who && <b className="nw">{who}</b>}
      <ul>
        <li>
          <b>!! {t('care.worse.title')}</b>
        </li>
        {worse.map((one) => (
          <li key={`${one.what} ${one.at_ms}`} data-what={one.what}>
            <b>{t(`care.worse.${one.what}`, { before: one.before, after: one.after })}</b>{' '}
            {clockTime(one.at_ms)}
          </li>
        ))}
      </ul>
      <Refused refusal={refusal} />
      <button
        type="button"
        className="tap"
        disabled={busy}
        onClick={() =>
          void send({
            kind: 'patient.see_worsening',
            patient_id: patient.id,
            through_ms: newest.at_ms,
          })
        }
        data-testid="worse-seen"
      >
        {t('care.worse.seen')}
      </button>
    </div>
  )
}
