/** How far a crew's call for help has come: nothing is claimed that the centre has not said itself. */
import type { AlertRow, UnitRow } from '@gh/contract'

/** The centre's alert about this call; undefined: the centre has not raised it, as far as is known. */
export const alertOf = (unit: UnitRow, alerts: readonly AlertRow[]): AlertRow | undefined =>
  alerts.find((a) => a.code === 'sos' && a.subject === `unit:${unit.id}` && a.state !== 'resolved')

export type HelpState = 'unsent' | 'sending' | 'heard' | 'answered'

export function helpState(alert: AlertRow | undefined, connected: boolean): HelpState {
  if (alert !== undefined) return alert.state === 'acknowledged' ? 'answered' : 'heard'
  return connected ? 'sending' : 'unsent'
}
