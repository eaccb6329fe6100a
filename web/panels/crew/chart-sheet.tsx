/** What was given, done and noted, in two touches; nothing here ever waits for anything else. */
import { type Content, clear, type PatientRow } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { Refusal, readEcg, useContent, useSend, uuid7 } from '@gh/live'
import { Refused, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { patientName } from '../care/words.ts'
import { say } from '../dispatch/words.ts'
import { BodyMap } from '../record/body-map.tsx'
import { EcgCompareButton } from '../record/ecg-compare.tsx'
import { NewestEcg } from '../record/ecg-read.tsx'
import { Entries } from '../record/entries.tsx'
import { useImages, useWaiting } from '../record/images.ts'
import '../record/record.css'
import { DrugForm } from './drug-form.tsx'
import { Sheet } from './sheet.tsx'

const TABS = ['drug', 'procedure', 'note'] as const
type Tab = (typeof TABS)[number]

interface Props {
  patient: PatientRow
  onUltrasound: () => void
  onClose: () => void
}

export function ChartSheet({ patient, onUltrasound, onClose }: Props) {
  const content = useContent()
  const images = useImages(patient.id).data ?? []
  const waiting = useWaiting(patient.mission_id).data ?? []
  const [tab, setTab] = useState<Tab>('drug')
  const [region, setRegion] = useState('')
  const counts: Record<string, number> = {}
  for (const entry of patient.record.entries)
    if (entry.region !== '' && entry.withdrawn === '')
      counts[entry.region] = (counts[entry.region] ?? 0) + 1
  return (
    <Sheet
      title={t('record.chart')}
      onClose={onClose}
      testId="chart-sheet"
      side={
        <>
          {TABS.map((one) => (
            <button
              key={one}
              type="button"
              className="tap"
              aria-pressed={tab === one}
              onClick={() => setTab(one)}
              data-testid={`chart-${one}`}
            >
              {t(`record.tab.${one}`)}
            </button>
          ))}
          <button
            type="button"
            className="tap"
            onClick={onUltrasound}
            data-testid="chart-ultrasound"
          >
            {t('us.button', { n: images.length })}
            {waiting.length > 0 && (
              <b className="un"> {t('us.waiting_n', { n: waiting.length })}</b>
            )}
          </button>
        </>
      }
    >
      {content === undefined ? (
        <Skeleton rows={6} />
      ) : (
        <div className={tab === 'drug' ? 'rec-one' : 'rec-two'}>
          <div className="rec-items">
            {tab === 'drug' && <DrugForm content={content} patient={patient} />}
            {tab === 'procedure' && (
              <ProcedureForm content={content} patient={patient} region={region} />
            )}
            {tab === 'note' && <NoteForm patient={patient} region={region} />}
            <Entries content={content} patient={patient} kinds={[tab]} editable />
          </div>
          {tab !== 'drug' && (
            <aside className="rec-side">
              <BodyMap content={content} chosen={region} counts={counts} onChoose={setRegion} />
              <p className="mu">
                {region === ''
                  ? t('record.no_region')
                  : say(content.record.regions.find((one) => one.id === region))}
              </p>
            </aside>
          )}
        </div>
      )}
    </Sheet>
  )
}

/** The last ten seconds of the 12-lead ECG, measured by the vehicle's computer. */
function EcgMeasure({ content, patient }: { content: Content; patient: PatientRow }) {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  async function measure() {
    setBusy(true)
    setRefusal(null)
    try {
      await readEcg(patient.id)
    } catch (error) {
      setRefusal(error instanceof Refusal ? error : new Refusal('unexpected', '', String(error)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="rec-form">
      <button
        type="button"
        className="tap primary"
        disabled={busy}
        onClick={() => void measure()}
        data-testid="ecg-measure"
      >
        {t(busy ? 'ecg.measuring' : 'ecg.measure')}
      </button>
      <Refused refusal={refusal} />
      <NewestEcg content={content} patient={patient} />
      <EcgCompareButton patientId={patient.id} who={patientName(patient)} />
    </div>
  )
}

function ProcedureForm({
  content,
  patient,
  region,
}: {
  content: Content
  patient: PatientRow
  region: string
}) {
  const { send, busy, refusal } = useSend()
  const [failed, setFailed] = useState(false)
  const chart = (procedure: string) =>
    send({
      kind: 'patient.do_procedure',
      patient_id: patient.id,
      entry_id: uuid7(),
      procedure,
      region,
      result: failed ? 'failed' : 'done',
      done_ms: null,
    })
  return (
    <>
      <EcgMeasure content={content} patient={patient} />
      <div className="rec-taps">
        {[false, true].map((one) => (
          <button
            key={String(one)}
            type="button"
            className="tap"
            aria-pressed={failed === one}
            onClick={() => setFailed(one)}
          >
            {tOr(`care.result.${one ? 'failed' : 'done'}`, '')}
          </button>
        ))}
      </div>
      <div className="rec-grid">
        {content.record.procedures.map((one) => (
          <button
            key={one.id}
            type="button"
            className="tap"
            disabled={busy}
            onClick={() => void chart(one.id)}
            data-testid={`procedure-${one.id}`}
          >
            {say(one)}
          </button>
        ))}
      </div>
      <Refused refusal={refusal} />
    </>
  )
}

function NoteForm({ patient, region }: { patient: PatientRow; region: string }) {
  const [text, setText] = useState('')
  const { send, busy, refusal } = useSend()
  async function take() {
    const done = await send({
      kind: 'patient.take_note',
      patient_id: patient.id,
      entry_id: uuid7(),
      text: clear(text.trim()),
      region,
    })
    if (done) setText('')
  }
  return (
    <div className="rec-form">
      <textarea
        className="crew-input"
        rows={3}
        value={text}
        placeholder={t('record.note')}
        aria-label={t('record.note')}
        onChange={(e) => setText(e.target.value)}
        data-testid="note"
      />
      <Refused refusal={refusal} />
      <button
        type="button"
        className="tap primary wide"
        disabled={busy || text.trim() === ''}
        onClick={() => void take()}
        data-testid="note-take"
      >
        {t('record.take_note')}
      </button>
    </div>
  )
}
