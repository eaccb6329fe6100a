/** One item of the record or of a sheet: what stands there, and the way to write it. Written at once. */
import { clear, type FieldContent, type PatientRow, type WrittenRow } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { memo, useRef, useState } from 'react'
import { clockTime, dayTimeUnlessToday } from '../care/format.ts'
import { useWho } from '../care/who.ts'
import { say } from '../dispatch/words.ts'
import { BurnHelp } from './burn-help.tsx'
import { Control, type Value } from './item-control.tsx'
import { seenIn, unstored } from './unstored.ts'
import { valueText, writtenText } from './words.ts'

interface Asked {
  /** `weight_kg`, or `stroke.face` of a sheet. */
  name: string
  item: FieldContent
  /** What the monitor or the record says where no person has answered. */
  live?: Value | undefined
  /** A person says otherwise than this. */
  differs?: Value | undefined
  /** The signature waits for it, or it could still make the level more severe. */
  wanted?: boolean | undefined
}

const NONE: readonly WrittenRow[] = []

const isSame = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b)

export function ItemInput({ patient, ...asked }: Asked & { patient: PatientRow }) {
  const { fields, signed_ms } = patient.record
  return (
    <Item
      {...asked}
      patientId={patient.id}
      writes={fields[asked.name] ?? NONE}
      signed={signed_ms !== null}
    />
  )
}

interface Props extends Asked {
  patientId: string
  writes: readonly WrittenRow[]
  signed: boolean
}

/** A form has dozens, and a touch changes one of them. */
const Item = memo(function Item(props: Props) {
  useLang()
  const { patientId, name, item, writes, signed, live, differs, wanted } = props
  const { send, busy, refusal } = useSend()
  const newest = writes.at(-1)
  const waits = unstored(newest)
  // What is typed stays in its box while it waits, and when it is refused.
  const stored = useRef('')
  if (waits === undefined) stored.current = newest?.write_id ?? ''
  const [helped, setHelped] = useState(0)
  const [reason, setReason] = useState('')
  const [given, setGiven] = useState(0)

  const write = async (value: Value, text: string | null = null) => {
    if (newest && waits && text === newest.text && isSame(value, newest.value)) return null
    return send({
      kind: 'patient.write_field',
      patient_id: patientId,
      write_id: uuid7(),
      field: name,
      value,
      text: text === null ? null : clear(text),
      over: seenIn(writes),
      reason,
    })
  }
  const give = () => {
    if (reason.trim() !== '') setGiven((n) => n + 1)
  }

  // Beside the name of a number there is no room.
  const inBox = item.kind === 'number' && writes.length < 2
  const tag = (
    <span className="rec-tag">
      {waits ? (
        <small>{t(`record.unstored.${waits}`)}</small>
      ) : (
        wanted && <em className="un">{t('record.wanted')}</em>
      )}
    </span>
  )

  return (
    <div
      className="rec-item"
      data-testid={`item-${name}`}
      data-kind={item.kind}
      data-wanted={wanted || undefined}
      data-unstored={waits}
      aria-busy={busy}
    >
      <span className="rec-label">
        {say(item)}
        {item.unit && <small> {item.unit}</small>}
        {!inBox && tag}
      </span>
      {writes.length > 1 ? (
        <Conflict item={item} writes={writes} onChoose={write} />
      ) : (
        <Control
          box={`${stored.current}/${helped}`}
          name={name}
          item={item}
          value={newest?.value ?? null}
          text={newest?.text ?? ''}
          live={newest === undefined ? live : undefined}
          given={given}
          tag={inBox && tag}
          onWrite={write}
        />
      )}
      {item.helper === 'burns' && writes.length < 2 && (
        <BurnHelp
          patientId={patientId}
          onTake={(pct) => {
            setHelped((n) => n + 1)
            void write(pct)
          }}
        />
      )}
      {item.since && newest && typeof newest.value === 'number' && writes.length === 1 && (
        <small className="mu" data-testid={`since-${name}`}>
          {t('record.since', {
            time: dayTimeUnlessToday(newest.at_ms - newest.value * 60_000, Date.now()),
          })}
        </small>
      )}
      {differs !== undefined && differs !== null && (
        <small className="un" data-testid={`differs-${name}`}>
          {t('record.live_differs', { value: valueText(item, differs) })}
        </small>
      )}
      {signed && (
        <input
          className="crew-input"
          value={reason}
          placeholder={t('record.reason_late')}
          aria-label={t('record.reason_late')}
          onChange={(e) => setReason(e.target.value)}
          onBlur={give}
          onKeyDown={(e) => e.key === 'Enter' && !e.nativeEvent.isComposing && give()}
          data-testid={`reason-${name}`}
        />
      )}
      <Refused refusal={refusal} />
    </div>
  )
})

function Conflict({
  item,
  writes,
  onChoose,
}: {
  item: FieldContent
  writes: readonly WrittenRow[]
  onChoose: (value: Value, text: string | null) => void
}) {
  const who = useWho()
  return (
    <div className="rec-conflict" role="alert">
      <b>{t('record.conflict')}</b>
      {writes.map((one) => (
        <button
          key={one.write_id}
          type="button"
          className="tap"
          onClick={() => onChoose(one.value, one.text)}
          data-testid={`choose-${one.write_id}`}
        >
          {writtenText(item, one)}
          <small>
            {who(one.by)} {clockTime(one.at_ms)} · {t('record.choose_this')}
          </small>
        </button>
      ))}
    </div>
  )
}
