/** Ultrasound of a patient: its pictures, the one that is looked at, and the FAST findings beside. */
import type { PatientRow, StoredImage } from '@gh/contract'
import { t } from '@gh/i18n'
import { Empty, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { clockTime } from '../care/format.ts'
import { FastForm } from './fast-form.tsx'
import { deviceTime, fileUrl, frameUrl, useImages } from './images.ts'
import './record.css'
import './ultrasound.css'
import { MoveImage } from './ultrasound-move.tsx'
import { Stage } from './ultrasound-stage.tsx'

interface Props {
  patient: PatientRow
  /** The crew writes the findings; everybody else reads them. */
  writes: boolean
}

export function Ultrasound({ patient, writes }: Props) {
  const images = useImages(patient.id)
  const [chosen, setChosen] = useState('')
  const all = images.data ?? []
  const image = all.find((one) => one.origin.sha256 === chosen) ?? all.at(-1)
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
              <Stage key={image.origin.sha256} image={image} patientId={patient.id} />
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
