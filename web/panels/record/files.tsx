/** What was captured of a patient: photos, voice memos, films, with who and when. */
import type { FileRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Button, Dialog, Empty, ErrorNote, Refused, Skeleton } from '@gh/ui'
import { useCallback, useState } from 'react'
import { dayTime } from '../care/format.ts'
import { useWho } from '../care/who.ts'
import { BroughtForms } from './ecg-files.tsx'
import './files.css'
import { capturedUrl, sizeText, useFiles } from './files.ts'

interface Props {
  patientId: string
  /** Who brought a file may take it out of sight again. */
  withdraws: boolean
  /** Files of this kind alone. */
  only?: FileRow['kind']
}

export function Files({ patientId, withdraws, only }: Props) {
  const files = useFiles(patientId)
  if (files.isPending) return <Skeleton rows={4} />
  if (files.isError)
    return (
      <ErrorNote
        what={t('files.failed')}
        works={t('files.failed_works')}
        retry={() => void files.refetch()}
      />
    )
  const list = files.data.filter((file) => only === undefined || file.kind === only)
  if (list.length === 0)
    return (
      <div data-testid="files-none">
        <Empty
          title={t(only === 'ecg' ? 'ecgfile.none' : 'files.none')}
          hint={t(only === 'ecg' ? 'ecgfile.none_hint' : 'files.none_hint')}
        />
      </div>
    )
  return (
    <ul className="fl-list" data-testid="files">
      {list.map((file) => (
        <One
          key={file.sha256}
          file={file}
          patientId={patientId}
          withdraws={withdraws}
          onWithdrawn={() => void files.refetch()}
        />
      ))}
    </ul>
  )
}

/** Below a heading; nothing where there are no files, so that a record does not grow by a line. */
export function FilesSection({ patientId }: { patientId: string }) {
  const files = useFiles(patientId).data ?? []
  if (files.length === 0) return null
  return (
    <section>
      <h3>{t('files.title')}</h3>
      <Files patientId={patientId} withdraws={false} />
    </section>
  )
}

/** Opens a patient's files from a desk; shows how many there are. */
export function FilesButton({ patientId }: { patientId: string }) {
  const files = useFiles(patientId).data ?? []
  const [open, setOpen] = useState(false)
  const close = useCallback(() => setOpen(false), [])
  if (files.length === 0) return null
  return (
    <>
      <Button className="us-open" onClick={() => setOpen(true)} data-testid="files-open">
        {t('files.button', { n: files.length })}
      </Button>
      {open && (
        <Dialog title={t('files.title')} onClose={close} testid="files-dialog">
          <Files patientId={patientId} withdraws={false} />
        </Dialog>
      )}
    </>
  )
}

interface OneProps extends Props {
  file: FileRow
  onWithdrawn: () => void
}

function One({ file, patientId, withdraws, onWithdrawn }: OneProps) {
  const who = useWho()
  const kind = t(`file.kind.${file.kind}`)
  const by = file.name || who(file.by) || file.device
  return (
    <li data-kind={file.kind} data-standing={file.standing} data-testid={`file-${file.kind}`}>
      {file.standing === 'here' ? (
        <Content file={file} patientId={patientId} title={kind} />
      ) : (
        <p className="fl-away">{t(`files.standing.${file.standing}`)}</p>
      )}
      <p className="fl-facts">
        <b>{file.caption ?? kind}</b>
        <small>
          {kind} · {dayTime(file.taken_ms)} · {t(`files.source.${file.taken_source}`)}
        </small>
        <small>
          {[by, sizeText(file.size_bytes)].filter(Boolean).join(' · ')}
          {file.by === '' && ` · ${t('files.early')}`}
        </small>
      </p>
      {withdraws && file.by !== '' && <Withdraw file={file} onWithdrawn={onWithdrawn} />}
    </li>
  )
}

interface ContentProps {
  file: FileRow
  patientId: string
  title: string
}

function Content({ file, patientId, title }: ContentProps) {
  const url = capturedUrl(file, patientId)
  switch (file.kind) {
    case 'photo':
      return <Photo url={url} title={file.caption ?? title} />
    case 'voice':
      return <Sound url={url} />
    case 'body_camera':
      return <Film url={url} />
    case 'ecg':
      return <BroughtForms patientId={patientId} sha256={file.sha256} />
    default:
      // Ultrasound has a screen of its own.
      return <p className="fl-away">{t(`files.elsewhere.${file.kind}`)}</p>
  }
}

function Photo({ url, title }: { url: string; title: string }) {
  const [open, setOpen] = useState(false)
  const [turns, setTurns] = useState(0)
  const close = useCallback(() => setOpen(false), [])
  return (
    <>
      <button
        type="button"
        className="fl-thumb"
        onClick={() => setOpen(true)}
        aria-label={`${t('files.large')}: ${title}`}
        data-testid="photo"
      >
        <img src={url} alt={title} loading="lazy" />
      </button>
      {open && (
        <Dialog title={title} onClose={close} testid="photo-large">
          <div className="fl-large">
            <img src={url} alt={title} style={{ transform: `rotate(${turns * 90}deg)` }} />
          </div>
          <Button onClick={() => setTurns(turns + 1)} data-testid="photo-rotate">
            {t('files.rotate')}
          </Button>
        </Dialog>
      )}
    </>
  )
}

export function Sound({ url }: { url: string }) {
  return (
    // biome-ignore lint/a11y/useMediaCaption: nobody has written down what a memo says
    <audio controls preload="none" src={url} data-testid="memo" />
  )
}

function Film({ url }: { url: string }) {
  return (
    // biome-ignore lint/a11y/useMediaCaption: nobody has written down what a film says
    <video controls preload="metadata" src={url} data-testid="film" />
  )
}

function Withdraw({ file, onWithdrawn }: { file: FileRow; onWithdrawn: () => void }) {
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  async function withdraw() {
    const done = await send({
      kind: 'patient.withdraw_file',
      patient_id: file.patient_id,
      sha256: file.sha256,
      reason,
    })
    if (done) onWithdrawn()
  }
  return (
    <div className="fl-withdraw">
      <button type="button" className="tap" onClick={() => setAsking(!asking)}>
        {t(asking ? 'ui.cancel' : 'files.withdraw')}
      </button>
      {asking && (
        <>
          <input
            className="crew-input"
            value={reason}
            placeholder={t('files.why')}
            aria-label={t('files.why')}
            onChange={(e) => setReason(e.target.value)}
            data-testid="file-reason"
          />
          <button
            type="button"
            className="tap primary"
            disabled={busy || reason.trim() === ''}
            onClick={() => void withdraw()}
            data-testid="file-withdraw"
          >
            {t('files.withdraw')}
          </button>
        </>
      )}
      <Refused refusal={refusal} />
    </div>
  )
}
