/** What every table of the register has in common. */
import type { TableFault, Verdict } from '@gh/contract'

export interface TableLine {
  line: number
  verdict: Verdict
  faults: readonly TableFault[]
}

export interface TableAnswer<R extends TableLine> {
  rows: readonly R[]
  /** Of the header. */
  faults: readonly TableFault[]
  new: number
  changed: number
  unchanged: number
  refused: number
  digest: string
  written: boolean
}

export interface Difference {
  field: string
  /** Empty where the line is of something new. */
  was: string
  now: string
}

const ORDER = ['refused', 'new', 'changed', 'unchanged'] as const

/** What somebody must look at first stands first; within that the order of the file. */
export const inOrderOfWeight = <R extends TableLine>(rows: readonly R[]): R[] =>
  ORDER.flatMap((verdict) => rows.filter((row) => row.verdict === verdict))
