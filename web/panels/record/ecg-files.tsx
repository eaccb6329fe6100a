/** ECG files of other devices in, and what the vehicle recorded out: DICOM, EDF+ and FHIR. */
import type { Refusal } from '@gh/contract'
import { t } from '@gh/i18n'
import { serverNow, useRow } from '@gh/live'
import { Button, Dialog, Refused } from '@gh/ui'
import { useQueryClient } from '@tanstack/react-query'
import { type ChangeEvent, useCallback, useState } from 'react'
import {
  bringing,
  brought,
  FORMS,
  type Form,
  inWords,
  nameOf,
  recordingPath,
  STRETCHES_S,
} from './ecg-files.ts'
import { filesKey, transfer } from './files.ts'
import { Files } from './files.tsx'

interface Patient {
  id: string
  mission_id: string
}

/** One transfer at a time: how far it is, and how it ended. */
function useTransfer(way: 'in' | 'out') {
  const [share, setShare] = useState<number | null>(null)
  const [done, setDone] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  async function run(work: (onShare: (share: number) => void) => Promise<void>) {
    setRefusal(null)
    setDone(false)
    setShare(0)
    try {
      await work(setShare)
      setDone(true)
    } catch (error) {
      setRefusal(inWords(error, way))
    } finally {
      setShare(null)
    }
  }
  return { share, done, refusal, run, dismiss: () => setRefusal(null) }
}

/** A monitor that cannot send its stream writes a file: the same bytes again are kept once. */
export function BringEcg({ patientId }: { patientId: string }) {
  const cache = useQueryClient()
  const { share, done, refusal, run, dismiss } = useTransfer('in')
  function pick(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0]
    // The same file may be chosen again after a refusal.
    event.target.value = ''
    if (file === undefined) return
    void run(async (onShare) => {
      const headers = { 'content-type': 'application/octet-stream' }
      const path = bringing(patientId, file.name)
      await transfer({ method: 'POST', path, body: file, headers }, onShare)
      await cache.invalidateQueries({ queryKey: filesKey(patientId) })
    })
  }
  return (
    <div>
      <label className="tap fl-pick" aria-disabled={share !== null}>
        {t('ecgfile.bring')}
        <input
          type="file"
          accept=".dcm,.edf,application/dicom"
          disabled={share !== null}
          onChange={pick}
          data-testid="ecg-file-input"
        />
      </label>
      {share !== null && (
        <p role="status">
          {t(share < 1 ? 'ecgfile.sending' : 'ecgfile.reading', {
            percent: Math.floor(share * 100),
          })}
          <progress max={1} value={share} />
        </p>
      )}
      {done && (
        <p className="ok" role="status" data-testid="ecg-file-kept">
          ✓ {t('ecgfile.kept')}
        </p>
      )}
      <Refused refusal={refusal} dismiss={dismiss} />
    </div>
  )
}

interface FormsProps {
  forms: readonly Form[]
  path: (form: Form) => string
}

function Forms({ forms, path }: FormsProps) {
  const { share, done, refusal, run, dismiss } = useTransfer('out')
  const take = (form: Form) =>
    run(async (onShare) => {
      const answer = await transfer({ method: 'GET', path: path(form) }, onShare)
      const link = document.createElement('a')
      link.href = URL.createObjectURL(answer.response)
      link.download = nameOf(answer.getResponseHeader('content-disposition'))
      link.click()
      // The browser has taken it by then.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
    })
  return (
    <div className="ecgf-forms">
      {forms.map((form) => (
        <button
          key={form}
          type="button"
          className="tap"
          disabled={share !== null}
          onClick={() => void take(form)}
          data-testid={`ecg-take-${form}`}
        >
          {t(`ecgfile.form.${form}`)}
        </button>
      ))}
      {share !== null && <span role="status">{t('ecgfile.taking')}</span>}
      {done && <span role="status">✓ {t('ecgfile.taken')}</span>}
      <Refused refusal={refusal} dismiss={dismiss} />
    </div>
  )
}

/** A file as it was brought, or what was read of it in another form. */
export const BroughtForms = ({ patientId, sha256 }: { patientId: string; sha256: string }) => (
  <Forms forms={['original', ...FORMS]} path={(form) => brought(patientId, sha256, form)} />
)

/** What the vehicle recorded of this patient. */
export function EcgRecording({ patient }: { patient: Patient }) {
  const run = useRow('missions', patient.mission_id)
  const [stretch_s, setStretch] = useState<number>(STRETCHES_S[0])
  return (
    <section className="ecgf-out" data-testid="ecg-recording">
      <b>{t('ecgfile.recording')}</b>
      <fieldset className="ecgf-forms" aria-label={t('ecgfile.stretch')}>
        {STRETCHES_S.map((one) => (
          <button
            key={one}
            type="button"
            className={one === stretch_s ? 'tap primary' : 'tap'}
            aria-pressed={one === stretch_s}
            onClick={() => setStretch(one)}
            data-testid={`ecg-stretch-${one}`}
          >
            {t(`ecgfile.stretch.${one}`)}
          </button>
        ))}
      </fieldset>
      <Forms
        forms={FORMS}
        path={(form) => recordingPath(patient.id, form, stretch_s, run?.ended_ms ?? serverNow())}
      />
      <small className="gh-m">{t('ecgfile.logged')}</small>
    </section>
  )
}

/** A hospital's: beside the ECG of its patient. */
export function EcgFilesButton({ patient }: { patient: Patient }) {
  const [open, setOpen] = useState(false)
  const close = useCallback(() => setOpen(false), [])
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="ecg-files-open">
        {t('ecgfile.open')}
      </Button>
      {open && (
        <Dialog title={t('ecgfile.open')} onClose={close} testid="ecg-files">
          <div className="ecgf">
            <EcgRecording patient={patient} />
            <BringEcg patientId={patient.id} />
            <Files patientId={patient.id} withdraws only="ecg" />
          </div>
        </Dialog>
      )}
    </>
  )
}
