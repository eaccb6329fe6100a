/** What stands here beside what a card says: nothing that was typed goes away unseen. */
import type { PatientRow, Sex } from '@gh/contract'
import { isOf } from '../care/inbound.ts'

export interface Person {
  name: string
  sex: Sex
  /** Years, as typed; empty: not known. */
  age: string
  number: string
}

export interface Line {
  field: keyof Person
  now: string
  card: string
  /** Something else stands here. */
  differs: boolean
}

const FIELDS = ['name', 'sex', 'age', 'number'] as const

export function beside(now: Person, card: Person): Line[] {
  return FIELDS.map((field) => {
    const stands = field === 'sex' && now.sex === 'unknown' ? '' : now[field].trim()
    return {
      field,
      now: stands,
      card: card[field],
      differs: stands !== '' && stands !== card[field],
    }
  })
}

/** By field the writes that stand on this screen. */
export const seenOf = (patient: PatientRow): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(patient.identity).map(([field, writes]) => [
      field,
      writes.map((one) => one.write_id),
    ]),
  )

/** The letter of the next working name: the first that nobody of this run has. */
export function nextLetter(letters: string, patients: readonly PatientRow[]): string {
  const taken = new Set(patients.map((p) => p.letter))
  return [...letters].find((letter) => !taken.has(letter)) ?? String(patients.length + 1)
}

/** Without the records that another one of these shows. */
export function standing(patients: readonly PatientRow[]): PatientRow[] {
  const here = new Set(patients.map((p) => p.id))
  return patients.filter((p) => !here.has(p.merged_into))
}

export interface Choice {
  /** Whom a person asked for: the row of somebody new may come later. */
  asked: string
  /** Who stood on the screen. */
  kept: string
}

/** Who is on the screen: the one that was chosen, by the record that shows them by now. */
export function shownOf(patients: readonly PatientRow[], choice: Choice): PatientRow | undefined {
  const here = standing(patients)
  const find = (id: string) => here.find((p) => p.id === id) ?? here.find((p) => isOf(p, id))
  return find(choice.asked) ?? find(choice.kept) ?? here[0]
}

/** Nobody but a person changes the patient under the hand: who is shown stays, chosen or not. */
export function keep(choice: Choice, shown: PatientRow | undefined): Choice {
  if (shown === undefined) return choice
  const asked = isOf(shown, choice.asked) ? '' : choice.asked
  return asked === choice.asked && shown.id === choice.kept ? choice : { asked, kept: shown.id }
}
