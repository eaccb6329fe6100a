/** Saying yes (who, which bay), saying no (why), and the two signatures at the door. */
import type { HandoverRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useNow, useSend } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Dialog, Refused } from '@gh/ui'
import { useEffect, useRef, useState } from 'react'
import { clockTime, span } from '../care/format.ts'
import type { Inbound } from '../care/inbound.ts'
import { OkMark, OpenMark, WarnMark } from '../care/marks.tsx'
import { endedReason } from '../care/words.ts'
import { Corrected, Due } from './inbound-row.tsx'
import { Offload } from './offload.tsx'

const BAYS = ['resus', 'ed', 'cath_lab', 'ct', 'theatre', 'icu'] as const
const REFUSALS = ['no_capability', 'no_bed', 'equipment', 'other_patient'] as const

interface Props {
  inbound: Inbound
  onAcknowledge: () => void
  onDecline: () => void
}

export function Answer({ inbound, onAcknowledge, onDecline }: Props) {
  const now = useNow()
  const { handover } = inbound
  const open = handover.state === 'sent' || handover.state === 'acknowledged'
  return (
    <section className="gh-panel hs-answer" data-testid="answer">
      <div className="gh-ph">
        {handover.state === 'sent' ? <WarnMark /> : <OkMark />}
        <h2>{t(`hospital.state.${handover.state}`)}</h2>
        <span className="gh-sp" />
        <span className="num">
          {handover.acknowledged_ms !== null
            ? clockTime(handover.acknowledged_ms)
            : span((now - handover.sent_ms) / 1000)}
        </span>
      </div>
      <div className="hs-answer-body">
        {handover.acknowledged_name !== '' && (
          <div className="hs-team">
            <b>{handover.acknowledged_name}</b>
            <span>{handover.bay || t('hospital.no_bay')}</span>
          </div>
        )}
        <Corrected handover={handover} />
        {handover.answer_due_ms !== null && (
          <p className="un">
            {t('hospital.owner')} · <Due due_ms={handover.answer_due_ms} />
          </p>
        )}
        {handover.reason !== '' && <p className="bad">{endedReason(handover.reason)}</p>}
        {open && (
          <div className="hs-do">
            <Button
              look={handover.state === 'sent' ? 'primary' : 'plain'}
              keycap="F6"
              onClick={onAcknowledge}
              data-testid="acknowledge"
            >
              {t(handover.state === 'sent' ? 'hospital.accept' : 'hospital.change_bay')}
            </Button>
            <Button look="danger" onClick={onDecline} data-testid="decline">
              {t('hospital.decline')}
            </Button>
          </div>
        )}
        <Offload inbound={inbound} />
        <Signatures handover={handover} open={open} />
      </div>
    </section>
  )
}

function Signatures({ handover, open }: { handover: HandoverRow; open: boolean }) {
  const session = useSession()
  const [name, setName] = useState(session?.name ?? '')
  const { send, busy, refusal } = useSend()
  return (
    <div className="hs-sign" data-testid="signatures">
      <h3>{t('hospital.signatures')}</h3>
      {(['crew', 'hospital'] as const).map((side) => {
        const signature = handover.signatures[side]
        return (
          <div key={side}>
            {signature ? <OkMark /> : <OpenMark />}
            <span>{t(`care.side.${side}`)}</span>
            {signature ? (
              <>
                <b>{signature.name}</b>
                <span className="num gh-m">{clockTime(signature.at_ms)}</span>
              </>
            ) : (
              <span className="gh-m">{t('hospital.not_signed')}</span>
            )}
          </div>
        )
      })}
      {open && handover.signatures.hospital === undefined && (
        <form
          onSubmit={(e) => {
            e.preventDefault()
            if (name.trim() !== '')
              void send({
                kind: 'handover.sign',
                handover_id: handover.id,
                side: 'hospital',
                name: name.trim(),
              })
          }}
        >
          <input
            className="gh-input"
            value={name}
            aria-label={t('hospital.signer')}
            placeholder={t('hospital.signer')}
            onChange={(e) => setName(e.target.value)}
            data-testid="sign-name"
          />
          {name.trim() !== '' && (
            <Button submit busy={busy} data-testid="sign">
              {t('hospital.sign')}
            </Button>
          )}
          <Refused refusal={refusal} />
        </form>
      )}
    </div>
  )
}

export function AcknowledgeDialog({
  handover,
  onClose,
}: {
  handover: HandoverRow
  onClose: () => void
}) {
  const session = useSession()
  const [name, setName] = useState(handover.acknowledged_name || session?.name || '')
  const [bay, setBay] = useState(handover.bay)
  // What was corrected while somebody typed was not read: the server refuses, and says so.
  const [corrections] = useState(handover.corrections)
  const { send, busy, refusal } = useSend()
  const ready = name.trim() !== '' && bay.trim() !== ''
  const field = useRef<HTMLInputElement>(null)
  // After the dialog has opened and taken the focus to its own first button.
  useEffect(() => {
    const timer = window.setTimeout(() => field.current?.focus(), 0)
    return () => window.clearTimeout(timer)
  }, [])
  async function save() {
    const done = await send({
      kind: 'handover.acknowledge',
      handover_id: handover.id,
      name: name.trim(),
      bay: bay.trim(),
      corrections,
    })
    if (done) onClose()
  }
  return (
    <Dialog
      title={t('hospital.accept_title', {
        unit: handover.call_sign,
        number: handover.incident_number,
      })}
      onClose={onClose}
      testid="ack-dialog"
    >
      <form
        className="hs-form"
        onSubmit={(e) => {
          e.preventDefault()
          if (ready) void save()
        }}
      >
        <label className="gh-field">
          <span>{t('hospital.who')}</span>
          <input
            className="gh-input"
            value={name}
            onChange={(e) => setName(e.target.value)}
            data-testid="ack-name"
          />
        </label>
        <label className="gh-field">
          <span>{t('hospital.bay')}</span>
          <input
            className="gh-input"
            value={bay}
            ref={field}
            onChange={(e) => setBay(e.target.value)}
            data-testid="ack-bay"
          />
        </label>
        <div className="gh-choices">
          {BAYS.map((b) => (
            <Button
              key={b}
              on={bay === t(`hospital.bays.${b}`)}
              onClick={() => setBay(t(`hospital.bays.${b}`))}
              data-testid={`bay-${b}`}
            >
              {t(`hospital.bays.${b}`)}
            </Button>
          ))}
        </div>
        <div className="hs-form-do">
          <Refused refusal={refusal} />
          {!ready && <span className="un">{t('hospital.who_and_bay')}</span>}
          {ready && (
            <Button look="primary" submit busy={busy} keycap="Enter" data-testid="ack-save">
              {t('hospital.accept_confirm')}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  )
}

export function DeclineDialog({
  handover,
  onClose,
}: {
  handover: HandoverRow
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  async function save() {
    const done = await send({
      kind: 'handover.decline',
      handover_id: handover.id,
      reason: reason.trim(),
    })
    if (done) onClose()
  }
  return (
    <Dialog
      title={t('hospital.decline_title', {
        unit: handover.call_sign,
        number: handover.incident_number,
      })}
      onClose={onClose}
      testid="decline-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {reason.trim() === '' ? (
            <span className="un">{t('hospital.reason_first')}</span>
          ) : (
            <Button
              look="danger"
              busy={busy}
              onClick={() => void save()}
              data-testid="decline-save"
            >
              {t('hospital.decline_confirm')}
            </Button>
          )}
        </>
      }
    >
      <p className="gh-m">{t('hospital.decline_hint')}</p>
      <div className="gh-choices">
        {REFUSALS.map((r) => {
          const text = t(`hospital.refusal.${r}`)
          return (
            <Button
              key={r}
              on={reason === text}
              onClick={() => setReason(text)}
              data-testid={`refusal-${r}`}
            >
              {text}
            </Button>
          )
        })}
      </div>
      <input
        className="gh-input"
        value={reason}
        aria-label={t('ui.reason')}
        placeholder={t('ui.reason')}
        onChange={(e) => setReason(e.target.value)}
        data-testid="decline-reason"
      />
    </Dialog>
  )
}
