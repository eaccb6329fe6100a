/** Photos, spoken notes and a body camera's film: captured here, kept on the vehicle at once. */
import { type FileRuleContent, NoAnswer, type PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Refusal, serverNow, useContent } from '@gh/live'
import { Refused, Skeleton } from '@gh/ui'
import { useQueryClient } from '@tanstack/react-query'
import { type ChangeEvent, useState } from 'react'
import { BringEcg, EcgRecording } from '../record/ecg-files.tsx'
import { type Captured, filesKey, photoOf, sendFile } from '../record/files.ts'
import { Files } from '../record/files.tsx'
import { MemoCapture } from './memo.tsx'
import { Sheet } from './sheet.tsx'

export function FilesSheet({ patient, onClose }: { patient: PatientRow; onClose: () => void }) {
  const kinds = useContent()?.files.kinds
  return (
    <Sheet title={t('files.title')} onClose={onClose} testId="files-sheet">
      {kinds === undefined ? (
        <Skeleton rows={6} />
      ) : (
        <div className="fl-page">
          <div>
            <Capture kinds={kinds} patientId={patient.id} />
            <BringEcg patientId={patient.id} />
            <EcgRecording patient={patient} />
          </div>
          <div>
            <Files patientId={patient.id} withdraws />
          </div>
        </div>
      )}
    </Sheet>
  )
}

const nowMs = () => Math.round(serverNow())

const asRefusal = (error: unknown): Refusal =>
  error instanceof Refusal
    ? error
    : new Refusal(error instanceof NoAnswer ? 'no_answer' : 'unexpected', '', String(error))

function Capture({ kinds, patientId }: { kinds: readonly FileRuleContent[]; patientId: string }) {
  const cache = useQueryClient()
  const [caption, setCaption] = useState('')
  const [share, setShare] = useState<number | null>(null)
  const [kept, setKept] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const busy = share !== null
  const photo = kinds.find((one) => one.kind === 'photo')
  const voice = kinds.find((one) => one.kind === 'voice')
  const film = kinds.find((one) => one.kind === 'body_camera')

  /** Whether the vehicle has it now. */
  async function keep(
    rule: FileRuleContent,
    when: Pick<Captured, 'taken_ms' | 'taken_source'>,
    make: () => Promise<Blob>,
  ): Promise<boolean> {
    setRefusal(null)
    setKept(false)
    setShare(0)
    try {
      const file = await make()
      if (file.size > rule.max_bytes)
        throw new Refusal('file_too_long', 'file', String(rule.max_bytes), 413)
      const about: Captured = {
        patient_id: patientId,
        kind: rule.kind,
        media_type: rule.media_types[0] ?? '',
        caption: caption.trim(),
        ...when,
      }
      await sendFile(file, about, setShare)
      setCaption('')
      setKept(true)
      await cache.invalidateQueries({ queryKey: filesKey(patientId) })
      return true
    } catch (error) {
      setRefusal(asRefusal(error))
      return false
    } finally {
      setShare(null)
    }
  }

  return (
    <div>
      <input
        className="crew-input"
        value={caption}
        maxLength={200}
        placeholder={t('files.caption')}
        aria-label={t('files.caption')}
        onChange={(e) => setCaption(e.target.value)}
        data-testid="file-caption"
      />
      {photo && (
        <Picker
          title={t('files.photo')}
          accept="image/*"
          camera
          busy={busy}
          testId="photo-input"
          onPick={(file) =>
            void keep(photo, { taken_ms: nowMs(), taken_source: 'tablet' }, async () => {
              try {
                return await photoOf(file, photo.max_px ?? Number.POSITIVE_INFINITY)
              } catch {
                // What the browser cannot draw is no picture.
                throw new Refusal('file_not_of_kind', 'file', photo.media_types.join(', '))
              }
            })
          }
        />
      )}
      {voice && (
        <MemoCapture
          most_s={voice.max_s ?? 0}
          busy={busy}
          onKeep={(memo) =>
            keep(voice, { taken_ms: memo.taken_ms, taken_source: 'tablet' }, async () => memo.blob)
          }
        />
      )}
      {film && (
        <Picker
          title={t('files.film')}
          accept={film.media_types.join(',')}
          busy={busy}
          testId="film-input"
          onPick={(file) =>
            void keep(
              film,
              // The camera's own clock may be ahead of ours; the server takes no time to come.
              { taken_ms: Math.min(file.lastModified, nowMs()), taken_source: 'device' },
              async () => file,
            )
          }
        />
      )}
      {share !== null && (
        <p role="status" data-testid="file-sending">
          {t('files.sending', { percent: Math.floor(share * 100) })}
          <progress max={1} value={share} />
        </p>
      )}
      {kept && (
        <p className="ok" role="status" data-testid="file-kept">
          ✓ {t('files.kept')}
        </p>
      )}
      <Refused refusal={refusal} dismiss={() => setRefusal(null)} />
    </div>
  )
}

function Picker(props: {
  title: string
  accept: string
  camera?: boolean
  busy: boolean
  testId: string
  onPick: (file: File) => void
}) {
  function pick(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0]
    // The same file may be chosen again after a refusal.
    event.target.value = ''
    if (file) props.onPick(file)
  }
  return (
    <label className="tap fl-pick">
      {props.title}
      <input
        type="file"
        accept={props.accept}
        capture={props.camera === true ? 'environment' : undefined}
        disabled={props.busy}
        onChange={pick}
        data-testid={props.testId}
      />
    </label>
  )
}
