/** A run that had nobody to treat: why, signed by the crew and by whoever decided so. */
import { clear, type MissionRow, type UntreatedContent } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useSend, uuid7 } from '@gh/live'
import { useSession } from '@gh/session'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { dayTime } from '../care/format.ts'
import { say } from '../dispatch/words.ts'
import '../record/record.css'
import { SignaturePad } from '../record/signature-pad.tsx'
import { Choice, Sheet, TextLine } from './sheet.tsx'

/** What the signature still waits for, as a key of the catalogues; empty: nothing. */
export function lacking(
  reason: UntreatedContent | undefined,
  typed: { name: string; signer: string; witness: string; strokes: string },
): string {
  if (reason === undefined) return 'untreated.reason_first'
  if (typed.name.trim() === '') return 'crew.name_first'
  if (!reason.signed) return ''
  if (typed.signer.trim() === '') return 'errors.signer_required'
  return typed.strokes === '' && typed.witness.trim() === '' ? 'errors.witness_required' : ''
}

export function UntreatedSheet({ mission, onClose }: { mission: MissionRow; onClose: () => void }) {
  const session = useSession()
  const reasons = useContent()?.record.nobody_treated ?? []
  const [chosen, setChosen] = useState('')
  const [name, setName] = useState(session?.name ?? '')
  const [signer, setSigner] = useState('')
  const [witness, setWitness] = useState('')
  const [details, setDetails] = useState('')
  const [strokes, setStrokes] = useState('')
  const { send, busy, refusal } = useSend()
  const reason = reasons.find((one) => one.id === chosen)
  const lacks = lacking(reason, { name, signer, witness, strokes })
  const personal = (text: string) => (text.trim() === '' ? null : clear(text.trim()))
  async function sign() {
    const done = await send({
      kind: 'mission.close_untreated',
      mission_id: mission.id,
      entry_id: uuid7(),
      reason: chosen,
      name: name.trim(),
      signer: reason?.signed ? personal(signer) : null,
      signature: reason?.signed ? personal(strokes) : null,
      witness: reason?.signed ? personal(witness) : null,
      details: personal(details),
    })
    if (done) setChosen('')
  }
  return (
    <Sheet
      title={`${t('untreated.title')} ${mission.incident_number}`}
      onClose={onClose}
      testId="untreated-sheet"
    >
      <div className="rec-form">
        <Signed mission={mission} />
        <Choice<string>
          label={t('untreated.reason')}
          value={chosen}
          onChange={setChosen}
          testId="untreated-reason"
          options={reasons.map((one) => ({ value: one.id, label: say(one.title) }))}
        />
        {reason && <p className="rec-paper">{say(reason.text)}</p>}
        <TextLine
          label={t('untreated.details')}
          value={details}
          onChange={setDetails}
          testId="untreated-details"
        />
        {reason?.signed && (
          <>
            <TextLine
              label={t('record.signer')}
              value={signer}
              onChange={setSigner}
              testId="untreated-signer"
            />
            <TextLine
              label={t('record.witness_if_unable')}
              value={witness}
              onChange={setWitness}
              testId="untreated-witness"
            />
            <SignaturePad value={strokes} onChange={setStrokes} />
          </>
        )}
        <TextLine
          label={t('record.your_name')}
          value={name}
          onChange={setName}
          testId="untreated-name"
        />
        <Refused refusal={refusal} />
        {lacks !== '' ? (
          <p className="mu" data-testid="untreated-first">
            {t(lacks)}
          </p>
        ) : (
          <button
            type="button"
            className="tap primary wide"
            disabled={busy}
            onClick={() => void sign()}
            data-testid="untreated-sign"
          >
            {t(busy ? 'crew.sending' : 'untreated.sign')}
          </button>
        )}
      </div>
    </Sheet>
  )
}

/** What was signed, and its print; signed once more it is superseded. */
function Signed({ mission }: { mission: MissionRow }) {
  const reasons = useContent()?.record.nobody_treated ?? []
  const { untreated } = mission
  if (untreated === null) return null
  return (
    <>
      <p className="rec-signed" data-testid="untreated-signed">
        ✓ {say(reasons.find((one) => one.id === untreated.reason)?.title) || untreated.reason} ·{' '}
        {untreated.name} {dayTime(untreated.at_ms)}
      </p>
      <a
        className="tap"
        href={`/untreated/${mission.id}`}
        target="_blank"
        rel="noreferrer"
        data-testid="untreated-print"
      >
        {t('untreated.print')}
      </a>
    </>
  )
}
