/** Values that rows, commands and queries share, with the names that the consoles use. */
import { DispatchLevel, Milestone, TriageLevel } from './generated.ts'

export const MILESTONES = Milestone
export const DISPATCH_LEVELS = DispatchLevel
export const TRIAGE_LEVELS = TriageLevel

/** In the order in which a hospital reports them; the rules on beds are content. */
export const BED_KINDS = ['resus', 'ed', 'icu', 'cath_lab', 'ventilator'] as const

/** Personal text on its way in; the server seals it. */
export const clear = (text: string): { as: 'clear'; text: string } => ({ as: 'clear', text })
