/** Ultrasound of a patient: its pictures, the one that is looked at, and the FAST findings beside. */
import { clear, type PatientRow, type StoredImage } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend, uuid7 } from '@gh/live'
import { Empty, Refused, Skeleton } from '@gh/ui'
import { useEffect, useState } from 'react'
import { clockTime } from '../care/format.ts'
import { FastForm } from './fast-form.tsx'
import { deviceTime, fileUrl, frameUrl, useImages } from './images.ts'
import './record.css'
import './ultrasound.css'
import {
  type AllMarks,
  marksOf,
  noteText,
  unsavedIn,
  withLines,
  withSaved,
} from './ultrasound-marks.tsx'
import { MoveImage } from './ultrasound-move.tsx'
import { Stage } from './ultrasound-stage.tsx'

interface Props {
  patient: PatientRow
  /** The crew writes the findings; everybody else reads them. */
  writes: boolean
  /** How many measurements are in no record, whenever that changes. */
  onUnsaved: (n: number) => void
}

export function Ultrasound({ patient, writes, onUnsaved }: Props) {
  const images = useImages(patient.id)
  const [chosen, setChosen] = useState('')
  const [marks, setMarks] = useState<AllMarks>({})
  const unsaved = unsavedIn(marks)
  useEffect(() => onUnsaved(unsaved), [unsaved, onUnsaved])
  const { send, busy, refusal } = useSend()
  const all = images.data ?? []
  const image = all.find((one) => one.origin.sha256 === chosen) ?? all.at(-1)
  const sha256 = image?.origin.sha256 ?? ''
  const own = marksOf(marks, sha256)
  async function save(of: StoredImage) {
    const done = await send({
      kind: 'patient.take_note',
      patient_id: patient.id,
      entry_id: uuid7(),
      text: clear(noteText(of, own)),
      region: '',
    })
    if (done) setMarks((now) => withSaved(now, sha256, own.lines.length))
  }
  return (
    <div className="us" data-testid="ultrasound">
      {images.isPending ? (
        <div className="us-empty">
          <Skeleton rows={6} />
        </div>
      ) : image === undefined ? (
        <div className="us-empty">
          {images.isError ? (
            <p className="un" role="alert">
              {t('us.failed')}
            </p>
          ) : (
            <Empty title={t('us.none')} hint={t('us.none_hint')} />
          )}
        </div>
      ) : (
        <>
          <nav className="us-list" aria-label={t('us.list')}>
            {all.map((one) => (
              <Thumb
                key={one.origin.sha256}
                image={one}
                patientId={patient.id}
                on={one === image}
                onChoose={() => setChosen(one.origin.sha256)}
              />
            ))}
          </nav>
          <section className="us-one">
            {image.problem === '' ? (
              <Stage
                key={sha256}
                image={image}
                patientId={patient.id}
                lines={own.lines}
                onLines={(lines) => {
                  // A newer picture takes nobody away from the one that is measured.
                  setChosen(sha256)
                  setMarks((now) => withLines(now, sha256, lines))
                }}
              />
            ) : (
              <div className="us-empty" data-testid="us-problem">
                <Empty title={t('us.cannot')} hint={t('us.cannot_hint')} />
                <code>{image.problem}</code>
              </div>
            )}
            <p className="us-facts">
              <span>
                {image.label} · {t('us.came', { time: clockTime(image.origin.received_ms) })} ·{' '}
                {image.device_time === ''
                  ? t('us.no_device_time')
                  : t('us.device_time', { time: deviceTime(image.device_time) })}
              </span>
              {image.origin.waiting ? (
                <b>{t('us.put')}</b>
              ) : (
                image.origin.patient_id === '' && <b className="un">{t('us.early')}</b>
              )}
              <a href={fileUrl(image, patient.id)} download>
                {t('us.file')}
              </a>
            </p>
            {own.lines.length > own.saved && (
              <p className="us-unsaved" data-testid="us-unsaved">
                <b className="un">{t('us.unsaved', { n: own.lines.length - own.saved })}</b>
                {writes && (
                  <button
                    type="button"
                    className="tap primary"
                    disabled={busy}
                    onClick={() => void save(image)}
                    data-testid="us-save"
                  >
                    {t('us.save')}
                  </button>
                )}
                <Refused refusal={refusal} />
              </p>
            )}
            {writes && image.origin.waiting && (
              <MoveImage
                key={image.origin.sha256}
                image={image}
                from={patient.id}
                onMoved={() => void images.refetch()}
              />
            )}
          </section>
        </>
      )}
      <FastForm patient={patient} writes={writes} />
    </div>
  )
}

function Thumb(props: {
  image: StoredImage
  patientId: string
  on: boolean
  onChoose: () => void
}) {
  const { image } = props
  return (
    <button
      type="button"
      className="us-thumb"
      aria-pressed={props.on}
      onClick={props.onChoose}
      data-testid="us-thumb"
    >
      {image.problem === '' ? (
        <img src={frameUrl(image, props.patientId, 0)} alt={image.label} loading="lazy" />
      ) : (
        <span className="us-broken" aria-hidden="true">
          ?
        </span>
      )}
      <b>{image.label}</b>
      <small>
        {image.frames > 1 ? t('us.loop', { n: image.frames }) : t('us.still')} ·{' '}
        {clockTime(image.origin.received_ms).slice(0, 5)}
      </small>
    </button>
  )
}
