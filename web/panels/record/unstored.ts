/**
 * What was entered on this tablet and does not stand in the patient's row yet, laid over that row.
 *
 * Rule 1: a write takes away what its writer saw there, as in the record itself (domain/care/record.py,
 *         rule 2): the order plays no part, and two people who disagree are both shown.
 * Rule 2: whatever was laid over the row says so, until the row has it. A refusal takes it away again.
 * Rule 3: levels, scores and doses are the vehicle's computer's: nothing is computed here.
 */
import type { Command, EntryRow, Numeric, PatientRow, Sign, WrittenRow } from '@gh/contract'
import { type Entered, enteredNow, letGo, useEntered } from '@gh/live'
import { useSession } from '@gh/session'
import { replaceEqualDeep } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

type Kind<K extends Command['kind']> = Extract<Command, { kind: K }>
type Write = Kind<'patient.write_field'>

/** Marks what the vehicle's computer has not told back. `waiting`: it has found no answer yet. */
interface Unstored {
  unstored: 'saving' | 'waiting'
}

/** How it waits; undefined: it is stored. */
export const unstored = (
  one: WrittenRow | EntryRow | undefined,
): Unstored['unstored'] | undefined => (one as Partial<Unstored> | undefined)?.unstored

/** What a write over these replaces: what waits may be refused, and what it was over has been seen too. */
export const seenIn = (writes: readonly (WrittenRow & { over?: readonly string[] })[]): string[] =>
  writes.flatMap((one) => [one.write_id, ...(one.over ?? [])])

interface Laid {
  row: PatientRow | undefined
  entered: readonly Entered[]
  me: string | undefined
  laid: PatientRow | undefined
}

/** The patient's row with what waits for it, as this person has entered it. */
export function useUnstored(row: PatientRow | undefined): PatientRow | undefined {
  const me = useSession()?.person_id
  const last = useRef<Laid | undefined>(undefined)
  const laid = useEntered((entered) => {
    const before = last.current
    // It is asked for several times a touch.
    if (before?.row === row && before?.entered === entered && before.me === me) return before.laid
    const mine = entered.filter((one) => one.person_id === me)
    // What did not change keeps its identity, as in the rows: a form draws the item that was touched.
    const now = replaceEqualDeep(before?.laid, row && layOver(row, mine))
    last.current = { row, entered, me, laid: now }
    return now
  })
  useEffect(() => {
    if (row === undefined) return
    const mine = enteredNow().filter((one) => commandOf(one)?.patient_id === row.id)
    // Not one by one: what a later one has replaced would come back.
    if (mine.some((one) => one.answered) && mine.every((one) => shows(row, one))) letGo(mine)
  }, [row])
  return laid
}

export function layOver(row: PatientRow, entered: readonly Entered[]): PatientRow {
  const mine = entered.filter((one) => commandOf(one)?.patient_id === row.id)
  const waiting = mine.filter((one) => !shows(row, one))
  if (waiting.length === 0) return row
  const replaced = new Set(mine.flatMap((one) => overOf(commandOf(one))))
  const fields = { ...row.record.fields }
  let { entries } = row.record
  for (const one of waiting) {
    const command = commandOf(one)
    if (command === undefined) continue
    switch (command.kind) {
      case 'patient.write_field':
        fields[command.field] = [...(fields[command.field] ?? []), written(one, command)]
        break
      case 'patient.withdraw_entry':
        entries = entries.map((entry) =>
          entry.id === command.entry_id
            ? { ...entry, ...mark(one), withdrawn: command.reason, withdrawn_by: one.person_id }
            : entry,
        )
        break
      default:
        entries = [...entries, charted(one, command)]
    }
  }
  for (const one of mine) {
    const command = commandOf(one)
    if (command?.kind !== 'patient.write_field') continue
    const standing = fields[command.field]?.filter((write) => !replaced.has(write.write_id))
    fields[command.field] = standing ?? []
  }
  return { ...row, record: { ...row.record, fields, entries } }
}

const KINDS = [
  'patient.write_field',
  'patient.give_drug',
  'patient.do_procedure',
  'patient.take_note',
  'patient.enter_vitals',
  'patient.sign_form',
  'patient.withdraw_entry',
] as const
type Shown = Kind<(typeof KINDS)[number]>
type Charted = Exclude<Shown, Write | Kind<'patient.withdraw_entry'>>

/** Of what is shown before it is stored; a registration or an ECG is not. */
function commandOf(one: Entered): Shown | undefined {
  const { command } = one.what as { command?: Command }
  return KINDS.some((kind) => kind === command?.kind) ? (command as Shown) : undefined
}

const overOf = (command: Shown | undefined): readonly string[] =>
  (command?.kind === 'patient.write_field' && command.over) || []

function shows({ record }: PatientRow, one: Entered): boolean {
  const command = commandOf(one)
  if (command === undefined) return true
  if (command.kind === 'patient.write_field') {
    const writes = record.fields[command.field] ?? []
    if (writes.some((write) => write.write_id === command.write_id)) return true
    // It may have been written over before the row came: then nothing that it replaced stands there.
    const over = overOf(command)
    return one.answered && writes.length > 0 && !writes.some((w) => over.includes(w.write_id))
  }
  const entry = record.entries.find(({ id }) => id === command.entry_id)
  if (command.kind === 'patient.withdraw_entry')
    return entry === undefined || entry.withdrawn !== ''
  return entry !== undefined
}

const mark = (one: Entered): Unstored => ({ unstored: one.late ? 'waiting' : 'saving' })

const written = (one: Entered, command: Write): WrittenRow & Unstored & { over: string[] } => ({
  write_id: command.write_id,
  value: command.value ?? null,
  text: command.text?.text ?? null,
  by: one.person_id,
  at_ms: one.since_ms,
  reason: command.reason ?? '',
  over: command.over ?? [],
  ...mark(one),
})

function charted(one: Entered, command: Charted): EntryRow {
  const entry: EntryRow & Unstored = {
    ...BARE,
    ...mark(one),
    id: command.entry_id,
    by: one.person_id,
    at_ms: one.since_ms,
    charted_ms: one.since_ms,
  }
  switch (command.kind) {
    case 'patient.give_drug':
      return {
        ...entry,
        kind: 'drug',
        what: command.drug,
        at_ms: command.given_ms ?? one.since_ms,
        dose: command.dose ?? null,
        unit: command.unit ?? '',
        route: command.route ?? '',
        reason: command.reason ?? '',
      }
    case 'patient.do_procedure':
      return {
        ...entry,
        kind: 'procedure',
        what: command.procedure,
        at_ms: command.done_ms ?? one.since_ms,
        region: command.region ?? '',
        result: command.result ?? 'done',
      }
    case 'patient.take_note':
      return { ...entry, kind: 'note', text: command.text.text, region: command.region ?? '' }
    case 'patient.enter_vitals':
      return {
        ...entry,
        kind: 'vitals',
        at_ms: command.taken_ms ?? one.since_ms,
        values: numerics(command),
        confirmed: command.confirmed ?? [],
      }
    case 'patient.sign_form':
      return {
        ...entry,
        kind: 'form',
        what: command.form,
        text: command.details?.text ?? null,
        result: command.decision,
        signer: command.signer.text,
        relation: command.relation,
        signature: command.signature?.text ?? null,
        witness: command.witness?.text ?? null,
      }
  }
}

function numerics(command: Kind<'patient.enter_vitals'>): Numeric[] {
  const said = <T>(of: Partial<Record<Sign, T>> | undefined) =>
    Object.entries(of ?? {}) as [Sign, T][]
  const told = (sign: Sign, value: number | null, note: string): Numeric => ({
    sign,
    value,
    note,
    age_ms: 0,
  })
  return [
    ...said(command.values).map(([sign, value]) => told(sign, value, '')),
    ...said(command.not_taken).map(([sign, why]) => told(sign, null, `not taken: ${why}`)),
    ...said(command.out_of_range).map(([sign, end]) =>
      told(sign, null, end === 'lo' ? 'below range' : 'above range'),
    ),
  ]
}

const BARE: EntryRow = {
  id: '',
  kind: '',
  what: '',
  at_ms: 0,
  charted_ms: 0,
  by: '',
  text: null,
  region: '',
  result: '',
  dose: null,
  unit: '',
  route: '',
  findings: [],
  reason: '',
  signer: null,
  relation: '',
  signature: null,
  witness: null,
  form_version: null,
  ecg: null,
  ecg_id: '',
  corrects: '',
  role: '',
  values: [],
  confirmed: [],
  withdrawn: '',
  withdrawn_by: '',
  doubts: [],
}
