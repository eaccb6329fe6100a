/** What stands here beside what a card says: nothing that was typed goes away unseen. */
import type { Sex } from '@gh/contract'

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
