/** What this hospital says of itself: free beds with the age of the word, and diversion. */
import { BED_KINDS, type HospitalRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useLimits, useNow, useSend } from '@gh/live'
import { Assumed, Button, Dialog, Empty, Refused } from '@gh/ui'
import { useState } from 'react'
import { ageText } from '../care/format.ts'
import { bedKind } from '../care/words.ts'

interface Props {
  hospital: HospitalRow | undefined
  onReport: () => void
  onDivert: () => void
}

export function Beds({ hospital, onReport, onDivert }: Props) {
  const now = useNow()
  // The crews choose by these numbers, so that an old word is asked for again.
  const ask_ms = (useLimits()?.screen.beds_ask_s ?? Number.POSITIVE_INFINITY) * 1000
  if (hospital === undefined)
    return (
      <section className="gh-panel">
        <Empty title={t('hospital.no_self')} />
      </section>
    )
  const age = hospital.beds_reported_ms === null ? null : now - hospital.beds_reported_ms
  return (
    <section className="gh-panel hs-self" data-testid="beds">
      <div className="gh-ph">
        <h2>{t('hospital.self')}</h2>
        {hospital.assumed && <Assumed />}
        {hospital.diverting && (
          <span className="hs-divert">
            {t('hospital.diverting', { reason: hospital.diversion_reason })}
          </span>
        )}
        <span className="gh-sp" />
        <span className={age === null || age > ask_ms ? 'un gh-s' : 'gh-m gh-s'}>
          {age === null
            ? t('hospital.never_reported')
            : age > ask_ms
              ? t('hospital.report_again', { age: ageText(age) })
              : t('hospital.reported', { age: ageText(age) })}
        </span>
      </div>
      <div className="hs-beds">
        {BED_KINDS.map((kind) => (
          <div key={kind}>
            <b className="num">{hospital.free_beds[kind] ?? '--'}</b>
            <span>{bedKind(kind)}</span>
          </div>
        ))}
        <div className="hs-beds-do">
          <Button onClick={onReport} keycap="F8" data-testid="report-beds">
            {t('hospital.update')}
          </Button>
          <Button
            onClick={onDivert}
            look={hospital.diverting ? 'primary' : 'danger'}
            data-testid="diversion"
          >
            {t(hospital.diverting ? 'hospital.end_diversion' : 'hospital.begin_diversion')}
          </Button>
        </div>
      </div>
    </section>
  )
}

export function BedsDialog({ hospital, onClose }: { hospital: HospitalRow; onClose: () => void }) {
  // Null: emptied. What no hand has touched stays what the row says: a colleague may report too.
  const [touched, setTouched] = useState<Record<string, number | null>>({})
  const free: Record<string, number> = Object.fromEntries(
    BED_KINDS.flatMap((kind) => {
      const n = kind in touched ? touched[kind] : hospital.free_beds[kind]
      return n == null ? [] : [[kind, n]]
    }),
  )
  const { send, busy, refusal } = useSend()
  const set = (kind: string, n: number | null) =>
    setTouched({ ...touched, [kind]: n === null ? null : Math.max(0, n) })
  async function save() {
    if (await send({ kind: 'hospital.report_beds', hospital_id: hospital.id, free })) onClose()
  }
  return (
    <Dialog
      title={t('hospital.report_title')}
      onClose={onClose}
      testid="beds-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          <Button look="primary" busy={busy} onClick={() => void save()} data-testid="beds-save">
            {t('hospital.report')}
          </Button>
        </>
      }
    >
      <p className="gh-m">{t('hospital.report_hint')}</p>
      {BED_KINDS.map((kind) => (
        <div key={kind} className="hs-stepper">
          <span>{bedKind(kind)}</span>
          <Button
            onClick={() => set(kind, (free[kind] ?? 0) - 1)}
            aria-label={t('hospital.less', { what: bedKind(kind) })}
          >
            −
          </Button>
          <input
            className="gh-input num"
            inputMode="numeric"
            aria-label={bedKind(kind)}
            value={free[kind] ?? ''}
            placeholder="--"
            onChange={(e) => {
              const digits = e.target.value.replace(/\D/g, '').slice(0, 3)
              set(kind, digits === '' ? null : Number(digits))
            }}
            data-testid={`bed-${kind}`}
          />
          <Button
            onClick={() => set(kind, (free[kind] ?? 0) + 1)}
            aria-label={t('hospital.more', { what: bedKind(kind) })}
          >
            +
          </Button>
        </div>
      ))}
    </Dialog>
  )
}

export function DivertDialog({
  hospital,
  onClose,
}: {
  hospital: HospitalRow
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  // As it was asked: where a colleague was quicker, this button does not turn into its opposite.
  const [begin] = useState(!hospital.diverting)
  const ready = !begin || reason.trim() !== ''
  async function save() {
    const done = await send({
      kind: 'hospital.set_diversion',
      hospital_id: hospital.id,
      diverting: begin,
      reason: reason.trim(),
    })
    if (done) onClose()
  }
  return (
    <Dialog
      title={t(begin ? 'hospital.begin_diversion' : 'hospital.end_diversion')}
      onClose={onClose}
      testid="divert-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {!ready && <span className="un">{t('hospital.reason_first')}</span>}
          {ready && (
            <Button
              look={begin ? 'danger' : 'primary'}
              busy={busy}
              onClick={() => void save()}
              data-testid="divert-save"
            >
              {t(begin ? 'hospital.begin_diversion' : 'hospital.end_diversion')}
            </Button>
          )}
        </>
      }
    >
      <p className="gh-m">{t(begin ? 'hospital.divert_hint' : 'hospital.undivert_hint')}</p>
      {begin && (
        <>
          <div className="gh-choices">
            {['full', 'equipment', 'staff', 'disaster'].map((r) => {
              const text = t(`hospital.divert_reason.${r}`)
              return (
                <Button key={r} on={reason === text} onClick={() => setReason(text)}>
                  {text}
                </Button>
              )
            })}
          </div>
          <input
            className="gh-input"
            value={reason}
            placeholder={t('ui.reason')}
            aria-label={t('ui.reason')}
            onChange={(e) => setReason(e.target.value)}
            data-testid="divert-reason"
          />
        </>
      )}
    </Dialog>
  )
}
