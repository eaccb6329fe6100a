import type { IncidentRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { type Standing, standingOf } from './transfer.tsx'

const me = { org: 'county', seat: '03' }

const standing = (org: string, seat: string, to?: { org: string; seat: string }): Standing =>
  standingOf({ org, seat, offer: to ?? null } as IncidentRow, me)

test('who leads a case is told by centre and seat: seats of two centres have the same names', () => {
  expect(standing('county', '03')).toBe('mine')
  expect(standing('county', '05')).toBe('ours')
  expect(standing('centre', '03')).toBe('theirs')
})

test('who is asked may answer, who asked may take it back, the others see it', () => {
  expect(standing('centre', '03', { org: 'county', seat: '' })).toBe('asked')
  expect(standing('county', '05', { org: 'county', seat: '03' })).toBe('asked')
  expect(standing('county', '03', { org: 'county', seat: '05' })).toBe('asking')
  expect(standing('county', '05', { org: 'centre', seat: '' })).toBe('asking')
  expect(standing('centre', '01', { org: 'other', seat: '' })).toBe('asked_elsewhere')
})

test('a case that another node offers or has handed over is for its desks to take', () => {
  const here = { ...me, node: 'city' }
  const stands = (changes: object) =>
    standingOf(
      { org: 'node:county', seat: 'county/03', offer: null, ...changes } as IncidentRow,
      here,
    )
  expect(stands({ node: 'county' })).toBe('theirs')
  expect(stands({ node: 'county', offer: { org: 'node:city', seat: '' } })).toBe('asked')
  expect(stands({ node: '', moved: true })).toBe('to_confirm')
  expect(stands({ node: 'county', moved: true })).toBe('theirs')
})
