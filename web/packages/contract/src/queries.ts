/** The answers of the query calls under the names that the consoles use. */
import type {
  CaseAnswer,
  DeviceRow,
  DuplicateAnswer,
  NewDeviceAnswer,
  NewTotp,
  Organisation,
  Outcome,
  PersonRow,
  RecommendAnswer,
  RedirectAnswer,
  TimelineAnswer,
  TogetherAnswer,
} from './generated.ts'

export type Redirect = RedirectAnswer
export type Together = TogetherAnswer
export type ViewName = 'board' | 'crew' | 'ed'
/** What the server answers to a command that it carried out. */
export type Accepted = Outcome
export type Recommendation = RecommendAnswer
export type Duplicate = DuplicateAnswer
export type CaseHead = CaseAnswer
export type Timeline = TimelineAnswer
export type TimelineNode = Timeline['nodes'][number]
export type Person = PersonRow
export type Org = Organisation
export type Device = DeviceRow
/** A device with its secret, which leaves the server this once. */
export type MadeDevice = NewDeviceAnswer
export type TotpSecret = NewTotp
