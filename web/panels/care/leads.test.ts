import type { LeadsRow, MissionRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { placement, placings } from './leads.ts'

const said = (placement: string, from_ms: number, device_id = 'E-1'): LeadsRow => ({
  device_id,
  placement,
  from_ms,
  by: 'crew-1',
  at_ms: from_ms,
})
const mission = {
  leads: [said('posterior', 1_000), said('standard', 5_000), said('right', 1_000, 'E-2')],
} as unknown as MissionRow

test('the newest word that holds by now says where the electrodes of a device are', () => {
  expect(placement(mission, 'E-1', 999)).toBe('standard')
  expect(placement(mission, 'E-1', 4_999)).toBe('posterior')
  expect(placement(mission, 'E-1', 5_000)).toBe('standard')
  expect(placement(mission, 'E-2', 9_000)).toBe('right')
  expect(placings(mission, undefined, 9_000)).toEqual([])
  expect(placement(undefined, 'E-1', 9_000)).toBe('standard')
})
