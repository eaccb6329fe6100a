/** What only a person can judge, group by group: yes, no or unknown; none of them is unknown too. */
import type { FieldContent, PatientRow, SheetContent, WrittenRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useLimits, useNow, useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { ageText } from '../care/format.ts'
import { JUDGED } from '../care/words.ts'
import { say } from '../dispatch/words.ts'
import { seenIn, unstored } from '../record/unstored.ts'
import './judged.css'

const UNKNOWN = 'unknown'
const ANSWERS = [true, false, UNKNOWN] as const
type Said = (typeof ANSWERS)[number]
const NONE: readonly WrittenRow[] = []

const writesOf = (patient: PatientRow, item: FieldContent): readonly WrittenRow[] =>
  patient.record.fields[`${JUDGED}.${item.id}`] ?? NONE

/** Items, those that hold, and those that nobody has answered; of two tablets the graver counts. */
export function countJudged(sheet: SheetContent | undefined, patient: PatientRow) {
  const items = (sheet?.sections ?? []).flatMap((one) => one.items ?? [])
  const said = items.map((item) => writesOf(patient, item).map((one) => one.value))
  return {
    items: items.length,
    yes: said.filter((values) => values.includes(true)).length,
    open: said.filter((values) => !values.some((one) => typeof one === 'boolean')).length,
  }
}

/** By any of its words, in either language; nothing typed finds everything. */
export const found = (item: { zh: string; en: string }, words: string): boolean =>
  `${item.zh} ${item.en}`.toLowerCase().includes(words.trim().toLowerCase())

export function Judged({ patient }: { patient: PatientRow }) {
  const sheet = useContent()?.sheets.find((one) => one.about.id === JUDGED)
  const valid_s = useLimits()?.valid_s[JUDGED]
  const now = useNow()
  const [words, setWords] = useState('')
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  const signed = patient.record.signed_ms !== null

  const write = (item: FieldContent, value: Said | null) =>
    send({
      kind: 'patient.write_field',
      patient_id: patient.id,
      write_id: uuid7(),
      field: `${JUDGED}.${item.id}`,
      value,
      over: seenIn(writesOf(patient, item)),
      reason,
    })

  async function rest(items: readonly FieldContent[]) {
    for (const item of items) if ((await write(item, false)) === null) return
  }

  return (
    <div className="crew-judged" data-testid="judged">
      <input
        className="crew-input"
        type="search"
        value={words}
        placeholder={t('crew.judged_search')}
        aria-label={t('crew.judged_search')}
        onChange={(e) => setWords(e.target.value)}
        data-testid="judged-search"
      />
      {signed && (
        <input
          className="crew-input"
          value={reason}
          placeholder={t('record.reason_late')}
          aria-label={t('record.reason_late')}
          onChange={(e) => setReason(e.target.value)}
        />
      )}
      <Refused refusal={refusal} />
      <p className="mu">{t('crew.judged_hint')}</p>
      {sheet?.sections.map((section) => {
        const items = (section.items ?? []).filter((item) => found(item, words))
        const open = items.filter((item) => writesOf(patient, item).length === 0)
        if (items.length === 0) return null
        return (
          <section key={section.id} data-testid={`judged-of-${section.id}`}>
            <header>
              <h3>{say(section)}</h3>
              {open.length > 0 && (
                <button
                  type="button"
                  className="tap"
                  disabled={busy}
                  onClick={() => void rest(open)}
                  data-testid={`judged-rest-${section.id}`}
                >
                  {t('crew.judged_rest', { n: open.length })}
                </button>
              )}
            </header>
            <ul>
              {items.map((item) => {
                const writes = writesOf(patient, item)
                const newest = writes.at(-1)
                const waits = unstored(newest)
                const age = newest === undefined ? null : now - newest.at_ms
                const old = age !== null && valid_s !== undefined && age > valid_s * 1000
                return (
                  <li key={item.id} data-testid={`judged-${item.id}`}>
                    <span>
                      {say(item)}
                      {writes.length > 1 && <em className="un"> {t('record.conflict')}</em>}
                      {waits && <small className="mu"> {t(`record.unstored.${waits}`)}</small>}
                      {old && (
                        <em className="un"> {t('crew.stale', { age: ageText(age ?? 0) })}</em>
                      )}
                    </span>
                    <span>
                      {ANSWERS.map((answer) => {
                        const on = writes.some((one) => one.value === answer)
                        // Once more takes it back; what is old or disputed is said anew.
                        const back = on && !old && writes.length === 1
                        return (
                          <button
                            key={String(answer)}
                            type="button"
                            className="tap"
                            aria-pressed={on}
                            disabled={busy}
                            onClick={() => void write(item, back ? null : answer)}
                            data-testid={`judged-${item.id}-${answer}`}
                          >
                            {on && <i aria-hidden="true">✓</i>}
                            {t(ANSWER[String(answer)] ?? '')}
                          </button>
                        )
                      })}
                    </span>
                  </li>
                )
              })}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

const ANSWER: Readonly<Record<string, string>> = {
  true: 'record.yes',
  false: 'record.no',
  [UNKNOWN]: 'record.unknown',
}
